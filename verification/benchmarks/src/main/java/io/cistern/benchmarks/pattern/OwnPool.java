package io.cistern.benchmarks.pattern;

import io.cistern.MemoryPool;
import io.cistern.benchmarks.subject.Subject;

/** Pools of ours for the patterns that no peer takes part in. */
final class OwnPool {
  private OwnPool() {}

  /**
   * Starts the kind of pool that a subject stands for.
   *
   * @param subject {@code cistern-shared}, or {@code cistern-confined} on the thread that will use
   *     the pool
   */
  static MemoryPool.Builder builder(String subject) {
    return switch (Subject.of(subject).orElse(Subject.MALLOC_FFM)) {
      case CISTERN_SHARED -> MemoryPool.builder();
      case CISTERN_CONFINED -> MemoryPool.builder().confined();
      default -> throw new IllegalArgumentException(subject + " is no kind of pool");
    };
  }

  /** Walks a pool in which nothing is live, and closes it. */
  static void checkAndClose(MemoryPool pool) {
    pool.verify().orThrow();
    pool.close();
  }
}
