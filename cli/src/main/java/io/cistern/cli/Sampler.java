package io.cistern.cli;

import io.cistern.PoolManager;
import io.cistern.PoolStats;
import io.cistern.PressureLevel;
import io.cistern.gateway.Gateway;
import io.cistern.gateway.GatewayStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Turns counters into {@link Sample}s. A block is used for microseconds, so a look once a second
 * would see empty tiers: {@link #glance} looks many times in between and keeps the most that was
 * used. For one thread.
 */
final class Sampler {
  private static final double LOW = 0.80;
  private static final double CRITICAL = 0.95;

  private final PoolManager pools;
  private final Gateway gateway;
  private final int[] busiest;
  private List<PoolStats> lastPools;
  private GatewayStats lastFrames;
  private long startNanos;
  private long stopNanos;
  private long lastNanos;

  Sampler(PoolManager pools, Gateway gateway) {
    this.pools = pools;
    this.gateway = gateway;
    this.lastPools = pools.stats();
    this.lastFrames = gateway.stats();
    this.busiest = new int[tiers(lastPools).size()];
    restart();
  }

  /** The run begins now. */
  void restart() {
    startNanos = System.nanoTime();
    lastNanos = startNanos;
  }

  /** The run ends now; what follows is tidying up. */
  void stop() {
    stopNanos = System.nanoTime();
  }

  /** How long the run was, in seconds. */
  double seconds() {
    return (stopNanos - startNanos) / 1e9;
  }

  /** Looks at what is used now. */
  void glance() {
    remember(tiers(pools.stats()));
  }

  private void remember(List<PoolStats.Tier> tiers) {
    for (int i = 0; i < busiest.length; i++) {
      busiest[i] = Math.max(busiest[i], tiers.get(i).used());
    }
  }

  /** Everything as it is now, with what happened since the last sample. */
  Sample sample() {
    long now = System.nanoTime();
    List<PoolStats> stats = pools.stats();
    GatewayStats frames = gateway.stats();
    remember(tiers(stats));
    double seconds = Math.max(1e-3, (now - lastNanos) / 1e9);
    List<Sample.TierSample> rows = rows(stats, seconds);
    Sample sample =
        new Sample(
            Duration.ofNanos(now - startNanos),
            rows,
            stats,
            frames,
            Math.round((frames.framesEchoed() - lastFrames.framesEchoed()) / seconds),
            rows.stream().mapToLong(Sample.TierSample::allocationsPerSecond).sum(),
            failed(stats) - failed(lastPools),
            ProcessFigures.now());
    lastNanos = now;
    lastPools = stats;
    lastFrames = frames;
    Arrays.fill(busiest, 0);
    return sample;
  }

  private List<Sample.TierSample> rows(List<PoolStats> stats, double seconds) {
    List<PoolStats.Tier> before = tiers(lastPools);
    List<Sample.TierSample> rows = new ArrayList<>();
    for (PoolStats pool : stats) {
      for (PoolStats.Tier tier : pool.tiers()) {
        int i = rows.size();
        rows.add(
            new Sample.TierSample(
                pool.pool(),
                tier.blockSizeBytes(),
                tier.label(),
                tier.total(),
                busiest[i],
                tier.peakUsed(),
                Math.round((tier.allocations() - before.get(i).allocations()) / seconds),
                pressure(busiest[i], tier.total())));
      }
    }
    return rows;
  }

  private static PressureLevel pressure(int used, int total) {
    if (used >= CRITICAL * total) {
      return PressureLevel.CRITICAL;
    }
    return used >= LOW * total ? PressureLevel.LOW : PressureLevel.NORMAL;
  }

  private static List<PoolStats.Tier> tiers(List<PoolStats> pools) {
    return pools.stream().flatMap(pool -> pool.tiers().stream()).toList();
  }

  private static long failed(List<PoolStats> pools) {
    return pools.stream().mapToLong(PoolStats::failed).sum();
  }
}
