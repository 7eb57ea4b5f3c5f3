package io.cistern.benchmarks.pattern;

import io.cistern.benchmarks.subject.Allocator;
import io.cistern.benchmarks.subject.Subject;
import io.cistern.benchmarks.subject.Worker;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * The allocator that all threads of a fork share. Opened for the first worker and closed, which
 * checks it, after the last one: JMH does not say which of several threads tears shared state down,
 * nor whether the others are done by then.
 */
@State(Scope.Benchmark)
public class OpenAllocator {
  /** Which one; {@link Subject#id()}. */
  @Param("cistern-shared")
  public String subject = "";

  private @Nullable Allocator allocator;
  private int workers;

  /** A worker for the calling thread. */
  synchronized Worker worker(int slots) {
    Allocator open = allocator;
    if (open == null) {
      open = Subject.of(subject).orElseThrow(() -> new IllegalArgumentException(subject)).open();
      allocator = open;
    }
    Worker worker = open.worker(slots);
    workers++;
    return worker;
  }

  /** Closes a worker on its own thread, and after the last one the allocator. */
  synchronized void done(Worker worker) {
    worker.close();
    workers--;
    if (workers == 0 && allocator != null) {
      allocator.close();
      allocator = null;
    }
  }
}
