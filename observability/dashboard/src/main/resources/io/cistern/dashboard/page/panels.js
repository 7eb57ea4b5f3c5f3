// What is read at a glance: the summary, the tiers, who holds blocks, events.

import { $, h, text, kind } from "./view.js";
import { figure } from "./figures.js";
import {
  age, allocations, bytes, clock, exact, failed, nanos, percent, short, spills, totalBytes, usedBlocks, usedBytes,
} from "./format.js";

// --- rates ----------------------------------------------------------------------------------------

let before = null;
let rates = new Map();

// Over half a second or more, so that they can be read.
function follow(stats) {
  if (before === null) before = stats;
  const seconds = (stats.timeMillis - before.timeMillis) / 1000;
  if (seconds < 0.45) return;
  const now = new Map();
  const put = (key, is, was) => now.set(key, Math.max(0, is - was) / seconds);
  stats.pools.forEach((pool, at) => {
    const was = before.pools[at];
    put(pool.pool, allocations(pool), allocations(was));
    put(pool.pool + " failed", failed(pool), failed(was));
    pool.tiers.forEach((tier, t) => was.tiers[t] && put(pool.pool + " " + tier.blockSizeBytes, tier.allocations, was.tiers[t].allocations));
  });
  rates = now;
  before = stats;
}

const rate = (key) => rates.get(key) ?? 0;
const all = (stats, of) => stats.pools.reduce((sum, pool) => sum + of(pool), 0);

// --- summary --------------------------------------------------------------------------------------

const TILES = [
  ["Used", (s) => percent(share(s)), (s) => bytes(all(s, usedBytes)) + " of " + bytes(all(s, totalBytes))],
  ["Live blocks", (s) => exact(all(s, usedBlocks)), (s) => s.pools.length + (s.pools.length === 1 ? " pool" : " pools")],
  ["Allocations", (s) => short(all(s, (p) => rate(p.pool))) + " /s", (s) => short(all(s, allocations)) + " in all"],
  ["Failed", (s) => short(all(s, (p) => rate(p.pool + " failed"))) + " /s",
    (s) => exact(all(s, failed)) + " in all · " + exact(all(s, spills)) + " spills", (s) => all(s, (p) => rate(p.pool + " failed")) > 0],
  ["Allocate takes", (s) => nanos(Math.max(...s.pools.map((p) => p.allocateTime.p50Ns))),
    (s) => "median; p99 " + nanos(Math.max(...s.pools.map((p) => p.allocateTime.p99Ns)))],
  ["Wrong frees, damage", (s) => exact(all(s, (p) => p.violations + p.checks.damages)),
    (s) => exact(all(s, (p) => p.checks.lost)) + " lost blocks", (s) => all(s, (p) => p.violations + p.checks.damages + p.checks.lost) > 0],
  ["Budget taken", (s) => bytes(s.budgetUsedBytes), (s) => "of " + bytes(s.budgetBytes) + ", regions " + bytes(s.regionBytes)],
];

const share = (stats) => (100 * all(stats, usedBytes)) / Math.max(1, all(stats, totalBytes));

let tiles = [];

function showSummary(stats) {
  if (tiles.length === 0) {
    tiles = TILES.map(([name]) => {
      const value = h("div", { class: "value" });
      const more = h("div", { class: "more" });
      return { value, more, box: h("div", { class: "tile" }, h("div", { class: "name" }, name), value, more) };
    });
    $("summary").replaceChildren(...tiles.map(({ box }) => box));
  }
  TILES.forEach(([, value, more, isAlert], at) => {
    text(tiles[at].value, value(stats));
    text(tiles[at].more, more(stats));
    kind(tiles[at].box, "tile", isAlert?.(stats) ? "alert" : "");
  });
}

// --- tiers ----------------------------------------------------------------------------------------

let rows = [];
let shape = "";

export function showStats(stats) {
  follow(stats);
  showSummary(stats);
  const now = stats.pools.map((pool) => pool.pool + pool.tiers.map((tier) => tier.blockSizeBytes)).join("|");
  if (now !== shape) {
    shape = now;
    build(stats);
  }
  rows.forEach((row) => row(stats));
  const level = $("level");
  text(level, stats.pressure);
  kind(level, "chip", stats.pressure);
}

const HEADS = ["Block", "Meant for", "Used", "used", "free", "peak", "alloc/s", "failed", "spill in", "out"];

function build(stats) {
  rows = [];
  $("tier-rows").replaceChildren(...stats.pools.flatMap((pool, at) => [poolHead(pool, at), pool.variable ? variable(pool, at) : table(pool, at)]));
}

function poolHead(pool, at) {
  const level = h("span", { class: "chip" });
  const more = h("span", { class: "more" });
  rows.push((stats) => {
    const now = stats.pools[at];
    text(level, now.pressure);
    kind(level, "chip", now.pressure);
    const extra = [];
    if (now.regions.count !== 1) extra.push(now.regions.count + " regions");
    if (now.fallback) extra.push("fallback " + bytes(now.fallback.liveBytes) + " of " + bytes(now.fallback.limitBytes));
    if (now.waiting > 0) extra.push(now.waiting + " waiting");
    if (now.refused > 0) extra.push(exact(now.refused) + " refused sizes");
    if (now.checks.level !== "STANDARD") extra.push(now.checks.level);
    text(more, [bytes(totalBytes(now)), ...extra].join(" · "));
  });
  return h("div", { class: "pool-name" }, pool.pool, level, more);
}

function bar() {
  const used = h("i");
  const peak = h("b");
  return { used, peak, box: h("div", { class: "bar" }, used, peak) };
}

function setBar(made, used, peak, total, pressure) {
  made.used.style.width = (100 * used) / Math.max(1, total) + "%";
  made.peak.style.left = (100 * peak) / Math.max(1, total) + "%";
  kind(made.box, "bar", pressure);
  made.box.title = "used " + exact(used) + " of " + exact(total) + ", peak " + exact(peak);
}

function table(pool, at) {
  return h("table", { class: "tiers" },
    h("thead", {}, h("tr", {}, ...HEADS.map((name, i) => h("th", { scope: "col", class: i > 2 ? "num" : "" }, name)))),
    h("tbody", {}, ...pool.tiers.map((tier, t) => tierRow(pool, tier, at, t))));
}

function tierRow(pool, tier, at, t) {
  const path = "pools." + pool.pool + ".tiers." + tier.blockSizeBytes + ".";
  const use = bar();
  const speed = h("span");
  const fails = h("td", { class: "num", "data-name": "failed" }, figure(path + "failed"));
  rows.push((stats) => {
    const now = stats.pools[at].tiers[t];
    setBar(use, now.used, now.peakUsed, now.total, now.pressure);
    text(speed, short(rate(pool.pool + " " + tier.blockSizeBytes)));
    kind(fails, "num", now.failed > 0 ? "hot" : "");
  });
  const number = (name, figureName) => h("td", { class: "num", "data-name": name }, figure(path + figureName));
  return h("tr", {},
    h("td", { class: "size" }, bytes(tier.blockSizeBytes)), h("td", { class: "for", title: tier.label }, tier.label || "—"),
    h("td", { class: "use" }, use.box), number("used", "used"), number("free", "free"), number("peak", "peakUsed"),
    h("td", { class: "num", "data-name": "alloc/s" }, speed), fails, number("spill in", "spilledIn"), number("out", "spilledOut"));
}

const OF_ANY_SIZE = ["blocks", "gaps", "", "alloc/s", "failed", "largest", ""];

function variable(pool, at) {
  const path = "pools." + pool.pool + ".variable.";
  const use = bar();
  const largest = h("span");
  const speed = h("span");
  const number = (name, value) => h("td", { class: "num", "data-name": name }, value);
  rows.push((stats) => {
    const now = stats.pools[at].variable;
    setBar(use, now.usedBytes, now.peakUsedBytes, now.totalBytes, stats.pools[at].pressure);
    text(largest, bytes(now.largestFreeBytes));
    text(speed, short(rate(pool.pool)));
  });
  return h("table", { class: "tiers" },
    h("thead", {}, h("tr", {}, ...["Block", "Meant for", "Used", ...OF_ANY_SIZE].map((name, i) => h("th", { scope: "col", class: i > 2 ? "num" : "" }, name)))),
    h("tbody", {}, h("tr", {},
      h("td", { class: "size" }, "any size"), h("td", { class: "for" }, "—"), h("td", { class: "use" }, use.box),
      number("blocks", figure(path + "usedBlocks")), number("gaps", figure(path + "freePieces")), h("td", { class: "none" }),
      number("alloc/s", speed), number("failed", figure(path + "failed")), number("largest", largest), h("td", { class: "none" }))));
}

// --- who holds blocks -----------------------------------------------------------------------------

export function showReport(report) {
  const sites = [...report.sites, ...report.lost.map((site) => ({ ...site, isLost: true }))];
  if (sites.length === 0) {
    $("leak-rows").replaceChildren(h("p", { class: "empty" }, "No block is that old."));
    return;
  }
  const open = new Set([...$("leak-rows").querySelectorAll("details[open]")].map((d) => d.dataset.site));
  const about = report.complete ? "" : "≈ ";
  const missed = report.missed === 0 ? [] : [h("p", { class: "hint" },
    exact(report.missed) + " samples found no room: there may be up to as many more than is shown.")];
  $("leak-rows").replaceChildren(...missed, h("table", { class: "sites" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Allocated at" + (report.complete ? "" : " (estimated from samples)")),
      ...["blocks", "bytes", "oldest"].map((name) => h("th", { scope: "col", class: "num" }, name)))),
    h("tbody", {}, ...sites.map((site) => h("tr", {},
      h("td", {}, place(site, open)),
      h("td", { class: "num" }, about + exact(site.estimatedBlocks)), h("td", { class: "num" }, about + bytes(site.estimatedBytes)),
      h("td", { class: "num" }, age(site.oldestMillis)))))));
}

function place(site, open) {
  const name = site.stack[0] ?? "not known";
  const labels = site.labels.filter((label) => label !== "");
  return h("details", { "data-site": name, ...(open.has(name) ? { open: true } : {}) },
    h("summary", {}, name, ...(site.isLost ? [" ", h("span", { class: "chip lost" }, "never freed")] : []),
      ...labels.map((label) => h("span", { class: "chip" }, label))),
    h("pre", {}, site.stack.slice(1).join("\n") + "\nthreads: " + site.threads.join(", ")));
}

// --- events ---------------------------------------------------------------------------------------

const MOST_EVENTS = 200;

export function showEvents(events) {
  const list = $("event-rows");
  list.querySelector(".empty")?.remove();
  for (const event of events) {
    list.prepend(h("li", { "data-event": event.sequence },
      h("time", {}, clock(event.timeMillis)), h("span", { class: "chip " + event.severity }, event.kind.toLowerCase()),
      h("p", {}, (event.pool && !event.message.startsWith("pool") ? event.pool + ": " : "") + event.message)));
  }
  while (list.children.length > MOST_EVENTS) list.lastChild.remove();
}

export function noEvents() {
  $("event-rows").replaceChildren(h("li", { class: "empty" }, "Nothing has happened yet."));
}
