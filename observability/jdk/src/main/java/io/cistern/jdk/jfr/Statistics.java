package io.cistern.jdk.jfr;

import io.cistern.LeakReport;
import io.cistern.MemoryPool;
import io.cistern.PoolStats;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;

/**
 * The events that nobody causes: the recorder calls on a thread of its own, at the period of each,
 * while a recording has it. Every call takes a snapshot of its own, without a lock; a leak report
 * costs some microseconds for each sampled block that is live, so it has a long period.
 */
final class Statistics {
  private static final int MOST_SITES = 20;

  private final List<MemoryPool> pools;
  private final Map<Class<? extends Event>, Runnable> hooks =
      Map.of(
          PoolStatistics.class, this::ofPools,
          TierStatistics.class, this::ofTiers,
          VariableStatistics.class, this::ofVariable,
          LeakSuspect.class, this::suspects);

  Statistics(List<MemoryPool> pools) {
    this.pools = List.copyOf(pools);
  }

  void begin() {
    hooks.forEach(FlightRecorder::addPeriodicEvent);
  }

  void end() {
    hooks.values().forEach(FlightRecorder::removePeriodicEvent);
  }

  /** The figures at the end, since a period hardly ever ends there. */
  void tell() {
    ofPools();
    ofTiers();
    ofVariable();
  }

  private Stream<PoolStats> snapshots() {
    return pools.stream().map(MemoryPool::stats);
  }

  private void ofPools() {
    snapshots().forEach(stats -> new PoolStatistics(stats).commit());
  }

  private void ofTiers() {
    snapshots()
        .forEach(stats ->
            stats.tiers().forEach(tier -> new TierStatistics(stats.pool(), tier).commit()));
  }

  private void ofVariable() {
    snapshots()
        .forEach(stats -> {
          PoolStats.Variable variable = stats.variable();
          if (variable != null) {
            new VariableStatistics(stats.pool(), variable).commit();
          }
        });
  }

  private void suspects() {
    for (MemoryPool pool : pools) {
      LeakReport report = pool.report(MinimumAge.current());
      report.sites().stream()
          .limit(MOST_SITES)
          .forEach(site -> new LeakSuspect(report, site).commit());
    }
  }
}
