// Figures as text. Exact ones keep every digit, so that what is read off the page is what the snapshot holds.

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];
const NO_LIMIT = 9e18; // Long.MAX_VALUE, as far as a number can hold it

export const exact = (value) =>
  typeof value === "number" ? value.toLocaleString("en-US", { maximumFractionDigits: 20 }) : String(value);

export function bytes(value) {
  if (value >= NO_LIMIT) return "no limit";
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) { value /= 1024; unit++; }
  return (Number.isInteger(value) || value >= 100 ? whole.format(value) : value.toFixed(1)) + " " + UNITS[unit];
}

export function short(value) {
  if (value >= 1e9) return (value / 1e9).toFixed(2) + " G";
  if (value >= 1e6) return (value / 1e6).toFixed(2) + " M";
  return value >= 100 || Number.isInteger(value) ? whole.format(value) : value.toFixed(1);
}

export const percent = (value) => (value >= 10 || value === 0 ? value.toFixed(0) : value.toFixed(1)) + " %";

export function age(millis) {
  if (millis < 1000) return millis + " ms";
  if (millis < 60_000) return (millis / 1000).toFixed(1) + " s";
  if (millis < 3_600_000) return Math.floor(millis / 60_000) + " min " + Math.floor((millis % 60_000) / 1000) + " s";
  return Math.floor(millis / 3_600_000) + " h " + Math.floor((millis % 3_600_000) / 60_000) + " min";
}

export const nanos = (value) => (value < 10_000 ? whole.format(value) + " ns" : whole.format(value / 1000) + " µs");

export const clock = (millis) => new Date(millis).toLocaleTimeString("en-GB");

// What PoolStats computes, from the records that it sends.
export const usedBytes = (pool) =>
  pool.variable ? pool.variable.usedBytes : pool.tiers.reduce((sum, tier) => sum + tier.used * tier.blockSizeBytes, 0);
export const totalBytes = (pool) =>
  pool.variable ? pool.variable.totalBytes : pool.tiers.reduce((sum, tier) => sum + tier.total * tier.blockSizeBytes, 0);
const sum = (pool, figure) => pool.tiers.reduce((all, tier) => all + tier[figure], 0);
const outside = (pool, figure) => (pool.fallback ? pool.fallback[figure] : 0);
export const allocations = (pool) =>
  outside(pool, "allocations") + (pool.variable ? pool.variable.allocations : sum(pool, "allocations"));
export const failed = (pool) => (pool.variable ? pool.variable.failed : sum(pool, "failed"));
export const spills = (pool) => sum(pool, "spilledIn");
export const usedBlocks = (pool) =>
  outside(pool, "liveBlocks") + (pool.variable ? pool.variable.usedBlocks : sum(pool, "used"));
export function fragmentation(pool) {
  if (pool.variable) {
    const { freeBytes, largestFreeBytes } = pool.variable;
    return freeBytes === 0 ? 0 : (100 * (freeBytes - largestFreeBytes)) / freeBytes;
  }
  const granted = sum(pool, "grantedBytes");
  return granted === 0 ? 0 : Math.max(0, (100 * (granted - sum(pool, "requestedBytes"))) / granted);
}
export const LEVELS = ["NORMAL", "LOW", "CRITICAL"];
