package io.cistern.benchmarks.pattern;

import io.cistern.benchmarks.subject.Worker;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Allocate, write one byte, free. Iterations go round the sizes, so that one JVM measures them all
 * with code that has seen them all, as a program's would have.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls open first
public abstract class SizedBenchmark {
  private static final int NO_SLOT = 0;

  /** Sizes in bytes; iteration i measures number i modulo their count. */
  @Param("64,256,1024,4096,65536")
  public String sizes;

  private int[] rounds;
  private int iteration;
  private int size;
  private Worker worker;

  /** Opens what is measured. */
  @Setup
  public void open(OpenAllocator allocator) {
    rounds = Arrays.stream(sizes.split(",")).mapToInt(Integer::parseInt).toArray();
    worker = allocator.worker(NO_SLOT);
  }

  /** Takes the next size. */
  @Setup(Level.Iteration)
  public void nextSize() {
    size = rounds[iteration % rounds.length];
    iteration++;
  }

  final void once() {
    worker.pair(size);
  }

  /** Closes and checks. */
  @TearDown
  public void close(OpenAllocator allocator) {
    allocator.done(worker);
  }
}
