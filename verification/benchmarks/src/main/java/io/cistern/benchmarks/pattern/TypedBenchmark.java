package io.cistern.benchmarks.pattern;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.TypedBlock;
import io.cistern.TypedPool;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A struct of four members through a {@link TypedPool} (names that start with {@code typed}) and by
 * hand, with a {@code VarHandle} of the layout for each member: the four read, the four written,
 * and allocate, write the four, free. By hand once with the memory zeroed, as a typed object is,
 * and once without.
 *
 * <p>Has no subject, so it is not a {@link Pattern}: both sides are ours, and only their ratio says
 * something. To run it: {@code java -cp 'verification/benchmarks/target/benchmarks/lib/*'
 * org.openjdk.jmh.Main TypedBenchmark -f 5 -prof gc}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls open first
public class TypedBenchmark {
  private static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("time"),
          ValueLayout.JAVA_FLOAT.withName("volts"),
          ValueLayout.JAVA_INT.withName("channel"),
          ValueLayout.JAVA_DOUBLE.withName("sum"));

  private static final VarHandle TIME = handle("time");
  private static final VarHandle VOLTS = handle("volts");
  private static final VarHandle CHANNEL = handle("channel");
  private static final VarHandle SUM = handle("sum");

  private static final int BLOCKS = 1024;

  /** What is written, and counted up so that no write repeats the last one. */
  private long number;

  private MemoryPool pool;
  private TypedPool<Reading> readings;
  private TypedBlock<Reading> held;
  private Reading value;
  private MemorySegment segment;

  /** The struct. */
  public interface Reading {
    /** Reads a member. */
    long time();

    /** Writes a member. */
    void time(long time);

    /** Reads a member. */
    float volts();

    /** Writes a member. */
    void volts(float volts);

    /** Reads a member. */
    int channel();

    /** Writes a member. */
    void channel(int channel);

    /** Reads a member. */
    double sum();

    /** Writes a member. */
    void sum(double sum);
  }

  private static VarHandle handle(String member) {
    return LAYOUT.varHandle(PathElement.groupElement(member)).withInvokeExactBehavior();
  }

  /** Opens one pool for both sides, and takes one object. */
  @Setup
  public void open() {
    pool = MemoryPool.builder().tier(LAYOUT.byteSize(), BLOCKS).build();
    readings = TypedPool.of(Reading.class, LAYOUT, pool);
    held = readings.allocate();
    value = held.value();
    segment = held.segment();
  }

  private static void write(Reading reading, long number) {
    reading.time(number);
    reading.volts((float) number);
    reading.channel((int) number);
    reading.sum((double) number);
  }

  private static void write(MemorySegment reading, long number) {
    TIME.set(reading, 0L, number);
    VOLTS.set(reading, 0L, (float) number);
    CHANNEL.set(reading, 0L, (int) number);
    SUM.set(reading, 0L, (double) number);
  }

  /** Writes four members. */
  @Benchmark
  public void typedSet() {
    write(value, ++number);
  }

  /** Writes four members. */
  @Benchmark
  public void handSet() {
    write(segment, ++number);
  }

  /** Reads four members. */
  @Benchmark
  public double typedGet() {
    Reading reading = value;
    return (double) reading.time() + reading.volts() + reading.channel() + reading.sum();
  }

  /** Reads four members. */
  @Benchmark
  public double handGet() {
    MemorySegment reading = segment;
    return (double) (long) TIME.get(reading, 0L)
        + (float) VOLTS.get(reading, 0L)
        + (int) CHANNEL.get(reading, 0L)
        + (double) SUM.get(reading, 0L);
  }

  /** Allocates, writes four members through {@code value()} once, frees. */
  @Benchmark
  public void typedPair() {
    try (TypedBlock<Reading> reading = readings.allocate()) {
      write(reading.value(), ++number);
    }
  }

  /** Allocates, writes four members, frees. */
  @Benchmark
  public void handPair() {
    try (MemoryBlock block = pool.allocate(LAYOUT.byteSize())) {
      write(block.segment(), ++number);
    }
  }

  /** Allocates, zeroes, writes four members, frees. */
  @Benchmark
  public void handPairZeroed() {
    try (MemoryBlock block = pool.allocate(LAYOUT.byteSize())) {
      MemorySegment reading = block.segment();
      reading.fill((byte) 0);
      write(reading, ++number);
    }
  }

  /** Frees, checks and closes. */
  @TearDown
  public void close() {
    held.close();
    readings.close();
    OwnPool.checkAndClose(pool);
  }
}
