package io.cistern.benchmarks.pattern;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;
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
 * ns, is part of each figure. The histogram goes to the file that the system property {@value
 * #FILE} names; JMH's own score says nothing here.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls open first
public class LatencyBenchmark {
  /** Where the histogram goes. */
  public static final String FILE = "cistern.benchmarks.histogram";

  /** Steps of one iteration, which takes a second. */
  public static final int STEPS = 100_000;

  private static final int INTERVAL_NS = 10_000;

  private static final long LONGEST_NS = TimeUnit.MINUTES.toNanos(1);
  private static final int DIGITS = 3;

  /** Steps of one iteration; fewer only where nothing is measured. */
  @Param("" + STEPS)
  public int steps;

  private final Histogram histogram = new Histogram(LONGEST_NS, DIGITS);
  private boolean measured;
  private MixedSteps mixed;

  /** Opens what is measured. */
  @Setup
  public void open(OpenAllocator allocator, ThreadParams thread) {
    mixed = new MixedSteps(allocator, thread.getThreadIndex());
  }

  /** Forgets what warm-up took. */
  @Setup(Level.Iteration)
  public void begin(IterationParams iteration) {
    boolean measures = iteration.getType() == IterationType.MEASUREMENT;
    if (measures && !measured) {
      histogram.reset();
    }
    measured = measures;
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
      histogram.recordValue(Math.min(System.nanoTime() - due, LONGEST_NS));
    }
  }

  /** Writes the histogram, closes and checks. */
  @TearDown
  public void close(OpenAllocator allocator) throws IOException {
    mixed.close(allocator);
    String file = System.getProperty(FILE);
    if (file != null) {
      ByteBuffer encoded = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
      int length = histogram.encodeIntoCompressedByteBuffer(encoded);
      Files.write(Path.of(file), Arrays.copyOf(encoded.array(), length));
    }
  }

  /**
   * Reads what a fork has written.
   *
   * @param file from {@link #FILE}
   * @return times in nanoseconds
   * @throws IOException when there is no such file or it holds something else
   */
  public static Histogram read(Path file) throws IOException {
    try {
      return Histogram.decodeFromCompressedByteBuffer(
          ByteBuffer.wrap(Files.readAllBytes(file)), LONGEST_NS);
    } catch (DataFormatException damaged) {
      throw new IOException(file + " holds no histogram", damaged);
    }
  }
}
