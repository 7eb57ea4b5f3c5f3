package io.cistern.benchmarks.pattern;

import io.cistern.MemoryPool;
import io.cistern.PoolStats;
import io.cistern.benchmarks.subject.Sizes;
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

/** A statistics snapshot of a pool of five tiers, some blocks of which are in use. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls open first
public class StatsBenchmark {
  private static final int[] SIZES = Sizes.tiers();
  private static final int BLOCKS = 1024;
  private static final int USED = 100;

  /** Which kind of pool. */
  @Param("cistern-shared")
  public String subject;

  private final long[][] handles = new long[SIZES.length][USED];
  private MemoryPool pool;

  /** Takes some blocks of each tier. */
  @Setup
  public void open() {
    MemoryPool.Builder builder = OwnPool.builder(subject).name("in use");
    for (int size : SIZES) {
      builder.tier(size, BLOCKS);
    }
    pool = builder.build();
    for (int tier = 0; tier < SIZES.length; tier++) {
      pool.tryAllocateHandles(SIZES[tier], handles[tier], 0, USED);
    }
  }

  /** One snapshot. */
  @Benchmark
  public PoolStats stats() {
    return pool.stats();
  }

  /** Checks the snapshot, frees, checks the pool and closes. */
  @TearDown
  public void close() {
    int used = pool.stats().used();
    if (used != USED * SIZES.length) {
      throw new IllegalStateException(
          "the snapshot says %d used, not %d".formatted(used, USED * SIZES.length));
    }
    for (long[] ofTier : handles) {
      pool.free(ofTier, 0, USED);
    }
    OwnPool.checkAndClose(pool);
  }
}
