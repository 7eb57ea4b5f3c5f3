package io.cistern.benchmarks.pattern;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.ThreadParams;

/** Mixed sizes over five tiers with 64 live a thread: {@link MixedSteps}, one after the other. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls open first
public class MixedBenchmark {
  private MixedSteps steps;

  /** Opens what is measured. */
  @Setup
  public void open(OpenAllocator allocator, ThreadParams thread) {
    steps = new MixedSteps(allocator, thread.getThreadIndex());
  }

  /** One free and one allocation. */
  @Benchmark
  public void mixed() {
    steps.step();
  }

  /** Closes and checks. */
  @TearDown
  public void close(OpenAllocator allocator) {
    steps.close(allocator);
  }
}
