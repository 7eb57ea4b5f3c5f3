package io.cistern.benchmarks.pattern;

import io.cistern.MemoryPool;
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
 * A request to a pool of which every block is taken: {@code tryAllocateHandle} says no. The figure
 * must not depend on how many blocks there are.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls open first
public class RefusedBenchmark {
  private static final int SIZE = 64;

  /** Which kind of pool. */
  @Param("cistern-shared")
  public String subject;

  /** How many blocks it has. */
  @Param("64")
  public int blocks;

  private MemoryPool pool;
  private long[] handles;

  /** Takes every block. */
  @Setup
  public void open() {
    pool = OwnPool.builder(subject).name("exhausted").tier(SIZE, blocks).build();
    handles = new long[blocks];
    int had = pool.tryAllocateHandles(SIZE, handles, 0, blocks);
    if (had != blocks) {
      throw new IllegalStateException("%d of %d blocks could be taken".formatted(had, blocks));
    }
  }

  /** One refusal. */
  @Benchmark
  public long refused() {
    return pool.tryAllocateHandle(SIZE);
  }

  /** Checks that nothing was given, frees every block, checks and closes. */
  @TearDown
  public void close() {
    int used = pool.stats().used();
    if (used != blocks) {
      throw new IllegalStateException(
          "%d blocks are used in an exhausted pool of %d".formatted(used, blocks));
    }
    pool.free(handles, 0, blocks);
    OwnPool.checkAndClose(pool);
  }
}
