package io.cistern.benchmarks.pattern;

import io.cistern.ManagerStats;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.PoolStats;
import io.cistern.VerifyReport;
import io.cistern.benchmarks.subject.Sizes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What every exporter does once a period: a snapshot of a manager of {@value #POOLS} pools of five
 * tiers, in which 100,000 blocks are in use.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls open first
public class SnapshotBenchmark {
  private static final int POOLS = 20;
  private static final int SMALL = 64;
  private static final int TIERS = Sizes.tiers().length;
  private static final int USED_A_TIER = 1000;

  /** Which kind of pools. */
  @Param("cistern-shared")
  public String subject;

  private final List<long[]> handles = new ArrayList<>();
  private PoolManager manager;

  /**
   * Takes blocks of every tier of every pool; their size matters to no snapshot, so it is small.
   */
  @Setup
  public void open() {
    PoolManager.Builder pools = PoolManager.builder();
    for (int pool = 0; pool < POOLS; pool++) {
      MemoryPool.Builder builder = OwnPool.builder(subject);
      for (int tier = 1; tier <= TIERS; tier++) {
        builder.tier((long) SMALL * tier, USED_A_TIER + SMALL);
      }
      pools.pool("in use " + pool, builder);
    }
    manager = pools.build();
    manager.pools().forEach(this::use);
  }

  private void use(MemoryPool pool) {
    for (int tier = 1; tier <= TIERS; tier++) {
      long[] ofTier = new long[USED_A_TIER];
      pool.tryAllocateHandles((long) SMALL * tier, ofTier, 0, USED_A_TIER);
      handles.add(ofTier);
    }
  }

  /** One snapshot. */
  @Benchmark
  public ManagerStats snapshot() {
    return manager.stats();
  }

  /** Checks the snapshot, frees, checks the pools and closes. */
  @TearDown
  public void close() {
    int used = manager.stats().pools().stream().mapToInt(PoolStats::used).sum();
    if (used != POOLS * TIERS * USED_A_TIER) {
      throw new IllegalStateException(
          "the snapshot says %d used, not %d".formatted(used, POOLS * TIERS * USED_A_TIER));
    }
    for (long[] ofTier : handles) {
      for (long handle : ofTier) {
        manager.free(handle);
      }
    }
    manager.verify().forEach(VerifyReport::orThrow);
    manager.close();
  }
}
