package io.cistern.benchmarks.pattern;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.infra.ThreadParams;
import org.openjdk.jmh.runner.IterationType;

/**
 * {@link MixedSteps} at a fixed rate. The time of a step runs from when it was due, not from when
 * it began, so that a pause counts for every step that it kept waiting. Reading the timer, some 25
 * ns, is part of each figure. JMH's own score says nothing here.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls open first
public class LatencyBenchmark {
  /** Steps of one iteration, which takes a second. */
  public static final int STEPS = 100_000;

  private static final int INTERVAL_NS = 10_000;

  /** Steps of one iteration; fewer only where nothing is measured. */
  @Param("" + STEPS)
  public int steps;

  private final Latencies latencies = new Latencies();
  private MixedSteps mixed;

  /** Opens what is measured. */
  @Setup
  public void open(OpenAllocator allocator, ThreadParams thread) {
    mixed = new MixedSteps(allocator, thread.getThreadIndex());
  }

  /** Forgets what warm-up took. */
  @Setup(Level.Iteration)
  public void begin(IterationParams iteration) {
    latencies.begin(iteration.getType() == IterationType.MEASUREMENT);
  }

  /** All steps of an iteration. */
  @Benchmark
  public void latency() {
    long due = System.nanoTime();
    for (int step = 0; step < steps; step++) {
      due += INTERVAL_NS;
      while (System.nanoTime() < due) {
        Thread.onSpinWait();
      }
      mixed.step();
      latencies.record(System.nanoTime() - due);
    }
  }

  /** Writes the histogram, closes and checks. */
  @TearDown
  public void close(OpenAllocator allocator) throws IOException {
    mixed.close(allocator);
    latencies.write();
  }
}
