package io.cistern.jdk;

import io.cistern.ManagerStats;
import io.cistern.PoolStats;
import io.cistern.PressureLevel;
import java.util.Formatter;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * The line of a {@link PoolMonitor}: the whole, and then each pool that has more to say than that
 * it is well, which are those that are pressed and those of variable size.
 */
final class MonitorLine {
  private static final long MIB = 1024 * 1024;

  private MonitorLine() {}

  /**
   * The text.
   *
   * @param failed requests that found no block since the last line
   * @param rssBytes resident memory of the process; negative when it is not known
   */
  static String of(ManagerStats stats, long failed, long rssBytes) {
    long used = stats.pools().stream().mapToLong(PoolStats::usedBytes).sum();
    long free = stats.pools().stream().mapToLong(PoolStats::freeBytes).sum();
    Formatter line = new Formatter(Locale.ROOT);
    line.format(
        "pools %s: used %,d of %,d B (%.1f %%), free %,d B, largest free %,d B",
        stats.pressure(),
        used,
        used + free,
        used + free == 0 ? 0 : 100.0 * used / (used + free),
        free,
        stats.pools().stream().mapToLong(MonitorLine::largestFree).max().orElse(0));
    worstFragmentation(stats).ifPresent(percent -> line.format(", fragmentation %.1f %%", percent));
    line.format(", failed %,d since the last line", failed);
    if (rssBytes >= 0) {
      line.format(", RSS %.1f MiB", (double) rssBytes / MIB);
    }
    stats.pools().forEach(pool -> addPool(line, pool));
    return line.toString();
  }

  private static void addPool(Formatter line, PoolStats pool) {
    PoolStats.Variable variable = pool.variable();
    if (pool.pressure() == PressureLevel.NORMAL && variable == null) {
      return;
    }
    line.format("; '%s' %s, used ", pool.pool(), pool.pressure());
    line.format("%.1f %%, largest free %,d B", pool.utilizationPercent(), largestFree(pool));
    if (variable != null) {
      line.format(", fragmentation %.1f %%", variable.externalFragmentationPercent());
    }
  }

  /** The largest block that a pool has free; 0 when it has none. */
  private static long largestFree(PoolStats pool) {
    PoolStats.Variable variable = pool.variable();
    return variable == null
        ? pool.tiers().stream()
            .filter(tier -> tier.free() > 0)
            .mapToLong(PoolStats.Tier::blockSizeBytes)
            .max()
            .orElse(0)
        : variable.largestFreeBytes();
  }

  /** Of regions of variable size alone: tiers do not fragment. */
  private static OptionalDouble worstFragmentation(ManagerStats stats) {
    return stats.pools().stream()
        .map(PoolStats::variable)
        .filter(variable -> variable != null)
        .mapToDouble(PoolStats.Variable::externalFragmentationPercent)
        .max();
  }
}
