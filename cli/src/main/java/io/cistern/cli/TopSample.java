package io.cistern.cli;

import io.cistern.ManagerStats;
import io.cistern.PoolStats;
import io.cistern.jdk.LeakSite;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that {@code cistern top} shows of one moment.
 *
 * @param stats the snapshot
 * @param flows of pools, tiers and labels, by the keys of {@link TopFlow}
 * @param perSecond whether these are rates; else they are counted from the start
 * @param sites the places that hold most
 */
record TopSample(
    ManagerStats stats, Map<String, TopFlow> flows, boolean perSecond, List<LeakSite> sites) {
  /** Copies. */
  TopSample {
    flows = Map.copyOf(flows);
    sites = List.copyOf(sites);
  }

  /** A moment alone: flows from the start. */
  static TopSample once(ManagerStats stats, List<LeakSite> sites) {
    return new TopSample(stats, TopFlow.totals(stats), false, sites);
  }

  /** A moment and the one before: flows in a second; none before there are two. */
  static TopSample after(@Nullable ManagerStats before, ManagerStats now, List<LeakSite> sites) {
    return new TopSample(
        now, before == null ? Map.of() : TopFlow.perSecond(before, now), true, sites);
  }

  long usedBytes() {
    return stats.pools().stream().mapToLong(PoolStats::usedBytes).sum();
  }

  /** Bytes in all blocks. */
  long totalBytes() {
    return stats.pools().stream().mapToLong(pool -> pool.usedBytes() + pool.freeBytes()).sum();
  }

  /** All pools together; null before there are two snapshots. */
  @Nullable TopFlow flow() {
    TopFlow sum = new TopFlow(0, 0, 0, 0);
    for (PoolStats pool : stats.pools()) {
      TopFlow flow = flows.get(TopFlow.key(pool));
      if (flow == null) {
        return null;
      }
      sum = sum.plus(flow);
    }
    return sum;
  }
}
