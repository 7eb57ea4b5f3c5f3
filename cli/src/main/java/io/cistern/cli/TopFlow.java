package io.cistern.cli;

import io.cistern.ManagerStats;
import io.cistern.PoolStats;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What went through a pool, a tier or a label: since it was opened, or in a second.
 *
 * @param allocations successful ones
 * @param frees of blocks
 * @param failed requests that found no block
 * @param spills allocations that a larger tier served
 */
record TopFlow(long allocations, long frees, long failed, long spills) {
  /** The flows of everything in a snapshot, since the start, by the keys below. */
  static Map<String, TopFlow> totals(ManagerStats stats) {
    Map<String, TopFlow> flows = new LinkedHashMap<>();
    for (PoolStats pool : stats.pools()) {
      flows.put(
          key(pool), new TopFlow(pool.allocations(), pool.frees(), pool.failed(), pool.spills()));
      pool.tiers().forEach(tier -> flows.put(key(pool, tier), of(tier)));
      PoolStats.Fallback fallback = pool.fallback();
      if (fallback != null) {
        flows.put(fallbackKey(pool), new TopFlow(fallback.allocations(), fallback.frees(), 0, 0));
      }
      pool.labels().forEach(label -> flows.put(key(pool, label), of(label)));
    }
    return flows;
  }

  private static TopFlow of(PoolStats.Tier tier) {
    return new TopFlow(tier.allocations(), tier.frees(), tier.failed(), tier.spilledIn());
  }

  private static TopFlow of(PoolStats.Label label) {
    return new TopFlow(label.allocations(), label.frees(), label.failed(), 0);
  }

  /**
   * The flows in a second between two snapshots. What only the later one has is not in it, and
   * nothing is when the clock of the process went backwards.
   */
  static Map<String, TopFlow> perSecond(ManagerStats before, ManagerStats now) {
    double seconds = (now.timeMillis() - before.timeMillis()) / 1000.0;
    Map<String, TopFlow> rates = new LinkedHashMap<>();
    if (seconds > 0) {
      Map<String, TopFlow> earlier = totals(before);
      totals(now)
          .forEach((key, flow) -> {
            TopFlow then = earlier.get(key);
            if (then != null) {
              rates.put(key, flow.since(then, seconds));
            }
          });
    }
    return rates;
  }

  private TopFlow since(TopFlow before, double seconds) {
    return new TopFlow(
        rate(allocations - before.allocations, seconds),
        rate(frees - before.frees, seconds),
        rate(failed - before.failed, seconds),
        rate(spills - before.spills, seconds));
  }

  /** What happened at all is at least 1. */
  private static long rate(long count, double seconds) {
    return count <= 0 ? 0 : Math.max(1, Math.round(count / seconds));
  }

  TopFlow plus(TopFlow other) {
    return new TopFlow(
        allocations + other.allocations,
        frees + other.frees,
        failed + other.failed,
        spills + other.spills);
  }

  static String key(PoolStats pool) {
    return "pool " + pool.pool();
  }

  static String key(PoolStats pool, PoolStats.Tier tier) {
    return key(pool) + " tier " + tier.blockSizeBytes();
  }

  static String fallbackKey(PoolStats pool) {
    return key(pool) + " fallback";
  }

  static String key(PoolStats pool, PoolStats.Label label) {
    return key(pool) + " label " + label.name();
  }
}
