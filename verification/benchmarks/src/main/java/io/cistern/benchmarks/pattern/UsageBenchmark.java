package io.cistern.benchmarks.pattern;

import io.cistern.MemoryPool;
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

/**
 * How many blocks of one tier are used and free, in a pool of five, some blocks of which are in
 * use.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls open first
public class UsageBenchmark {
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

  /** Both figures. */
  @Benchmark
  public int usage() {
    return pool.usedBlocks(Sizes.MIDDLE) - pool.freeBlocks(Sizes.MIDDLE);
  }

  /** Checks the figures, frees, checks the pool and closes. */
  @TearDown
  public void close() {
    if (pool.usedBlocks(Sizes.MIDDLE) != USED || pool.freeBlocks(Sizes.MIDDLE) != BLOCKS - USED) {
      throw new IllegalStateException(
          "%d blocks are said to be used and %d free, not %d of %d"
              .formatted(
                  pool.usedBlocks(Sizes.MIDDLE), pool.freeBlocks(Sizes.MIDDLE), USED, BLOCKS));
    }
    for (long[] ofTier : handles) {
      pool.free(ofTier, 0, USED);
    }
    OwnPool.checkAndClose(pool);
  }
}
