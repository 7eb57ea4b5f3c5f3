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
  private final long[] busiest;
  private List<PoolStats> lastPools;
  private GatewayStats lastFrames;
  private long startNanos;
  private long stopNanos;
  private long lastNanos;

  Sampler(PoolManager pools, Gateway gateway) {
    this.pools = pools;
    this.gateway = gateway;
    this.lastPools = pools.stats().pools();
    this.lastFrames = gateway.stats();
    this.busiest = new long[rows(lastPools).size()];
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
    remember(rows(pools.stats().pools()));
  }

  private void remember(List<Row> rows) {
    for (int i = 0; i < busiest.length; i++) {
      busiest[i] = Math.max(busiest[i], rows.get(i).used());
    }
  }

  /** Everything as it is now, with what happened since the last sample. */
  Sample sample() {
    long now = System.nanoTime();
    List<PoolStats> stats = pools.stats().pools();
    GatewayStats frames = gateway.stats();
    remember(rows(stats));
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
    List<Row> before = rows(lastPools);
    List<Row> now = rows(stats);
    List<Sample.TierSample> samples = new ArrayList<>();
    for (int i = 0; i < busiest.length; i++) {
      Row row = now.get(i);
      samples.add(
          new Sample.TierSample(
              row.pool(),
              row.blockSizeBytes(),
              row.label(),
              row.total(),
              busiest[i],
              row.peak(),
              Math.round((row.allocations() - before.get(i).allocations()) / seconds),
              pressure(busiest[i], row.total())));
    }
    return samples;
  }

  /** What one line shows: a tier, in blocks, or a pool of variable size, in bytes. */
  private record Row(
      String pool,
      long blockSizeBytes,
      String label,
      long total,
      long used,
      long peak,
      long allocations) {

    static Row of(String pool, PoolStats.Tier tier) {
      return new Row(
          pool,
          tier.blockSizeBytes(),
          tier.label(),
          tier.total(),
          tier.used(),
          tier.peakUsed(),
          tier.allocations());
    }

    static Row of(String pool, PoolStats.Variable bytes) {
      return new Row(
          pool,
          Sample.ANY_SIZE,
          pool + ", in bytes",
          bytes.totalBytes(),
          bytes.usedBytes(),
          bytes.peakUsedBytes(),
          bytes.allocations());
    }
  }

  private static List<Row> rows(List<PoolStats> pools) {
    List<Row> rows = new ArrayList<>();
    for (PoolStats pool : pools) {
      pool.tiers().forEach(tier -> rows.add(Row.of(pool.pool(), tier)));
      if (pool.variable() != null) {
        rows.add(Row.of(pool.pool(), pool.variable()));
      }
    }
    return rows;
  }

  private static PressureLevel pressure(long used, long total) {
    if (used >= CRITICAL * total) {
      return PressureLevel.CRITICAL;
    }
    return used >= LOW * total ? PressureLevel.LOW : PressureLevel.NORMAL;
  }

  private static long failed(List<PoolStats> pools) {
    return pools.stream().mapToLong(PoolStats::failed).sum();
  }
}
