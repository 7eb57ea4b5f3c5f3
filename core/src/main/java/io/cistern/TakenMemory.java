package io.cistern;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Memory taken from the operating system in one piece, zeroed, for any threads.
 *
 * @param arena its scope
 * @param segment all of it
 */
record TakenMemory(Arena arena, MemorySegment segment) {
  static final Duration GIVE_BACK_LIMIT = Duration.ofSeconds(10);

  /**
   * Takes it.
   *
   * @throws OutOfMemoryError when the operating system refuses
   */
  static TakenMemory take(long bytes, long alignment) {
    Arena arena = Arena.ofShared();
    boolean taken = false;
    try {
      TakenMemory memory = new TakenMemory(arena, arena.allocate(bytes, alignment));
      taken = true;
      return memory;
    } finally {
      if (!taken) {
        arena.close();
      }
    }
  }

  long byteSize() {
    return segment.byteSize();
  }

  /**
   * Closes its scope, which FFM refuses while I/O is under way on a segment of it: waits for that,
   * up to 10 seconds. May be called again.
   *
   * @param stillInUse the message when it is still in use by then
   */
  void giveBack(Supplier<String> stillInUse) {
    close(arena, stillInUse);
  }

  /** Closes a scope as {@link #giveBack} does. */
  static void close(Arena arena, Supplier<String> stillInUse) {
    long deadline = System.nanoTime() + GIVE_BACK_LIMIT.toNanos();
    while (arena.scope().isAlive()) {
      try {
        arena.close();
      } catch (IllegalStateException inUse) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException(stillInUse.get(), inUse);
        }
        LockSupport.parkNanos(1_000_000);
      }
    }
  }
}
