package io.cistern.benchmarks.pattern;

import io.cistern.benchmarks.subject.Worker;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Control;

/**
 * One thread allocates and writes a byte, another one frees; allocations pass through a ring of
 * {@value #SLOTS}. An operation is one allocation on its whole way, the same for every subject but
 * for allocate and free.
 */
@State(Scope.Group)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls open first
public class HandoffBenchmark {
  private static final int SLOTS = 256;

  /** Bytes of each allocation. */
  @Param("1024")
  public int size;

  private final RingPositions positions = new RingPositions(SLOTS);
  private Worker worker;

  /** Opens what is measured. */
  @Setup
  public void open(OpenAllocator allocator) {
    worker = allocator.worker(SLOTS);
  }

  /** Allocates, when there is room in the ring. */
  @Benchmark
  @Group("handoff")
  public void produce(Control control) {
    int slot = positions.nextEmpty(control);
    if (slot >= 0) {
      worker.allocate(slot, size);
      positions.filled();
    }
  }

  /** Frees, when there is something in the ring. */
  @Benchmark
  @Group("handoff")
  public void consume(Control control) {
    int slot = positions.nextFull(control);
    if (slot >= 0) {
      worker.free(slot);
      positions.emptied();
    }
  }

  /** Frees what is still in the ring, closes and checks. */
  @TearDown
  public void close(OpenAllocator allocator) {
    while (positions.isAnyFull()) {
      worker.free(positions.firstFull());
      positions.emptied();
    }
    allocator.done(worker);
  }
}
