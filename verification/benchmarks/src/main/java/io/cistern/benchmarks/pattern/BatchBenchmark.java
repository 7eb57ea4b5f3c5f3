package io.cistern.benchmarks.pattern;

import io.cistern.benchmarks.subject.Worker;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * 64 allocations of one size that live together, each with one byte written, then freed in random
 * order. An operation is one of the 64 allocations with its free.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls open first
public class BatchBenchmark {
  private static final int LIVE = 64;
  private static final int ORDERS = 128;
  private static final long SEED = 0xBA7C4;

  /** Bytes of each allocation. */
  @Param("1024")
  public int size;

  private final int[][] orders = new int[ORDERS][];
  private int next;
  private Worker worker;

  /** Draws the orders and opens what is measured. */
  @Setup
  public void open(OpenAllocator allocator, ThreadParams thread) {
    Random random = new Random(SEED + thread.getThreadIndex());
    for (int i = 0; i < ORDERS; i++) {
      orders[i] = permutation(random);
    }
    worker = allocator.worker(LIVE);
  }

  private static int[] permutation(Random random) {
    int[] order = IntStream.range(0, LIVE).toArray();
    for (int left = LIVE; left > 1; left--) {
      int other = random.nextInt(left);
      int last = order[left - 1];
      order[left - 1] = order[other];
      order[other] = last;
    }
    return order;
  }

  /** One batch. */
  @Benchmark
  @OperationsPerInvocation(LIVE)
  public void batch() {
    next = (next + 1) % ORDERS;
    worker.batch(size, orders[next]);
  }

  /** Closes and checks. */
  @TearDown
  public void close(OpenAllocator allocator) {
    allocator.done(worker);
  }
}
