package io.cistern;

import io.cistern.internal.CoarseClock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * What a pool takes when it is opened and gives back when it is closed: its memory, its number, and
 * its share in the clock.
 */
final class Region {
  private static final long CACHE_LINE = 64;
  private static final Duration GIVE_BACK_LIMIT = Duration.ofSeconds(10);

  /** The pool's number, which its handles carry. */
  final int id;

  final MemorySegment memory;
  private final Arena arena;

  private Region(int id, Arena arena, long bytes, long alignment) {
    this.id = id;
    this.arena = arena;
    this.memory = arena.allocate(bytes, Math.max(CACHE_LINE, alignment));
  }

  /**
   * Takes all of it, or nothing.
   *
   * @throws OutOfMemoryError when the operating system refuses the memory
   * @throws IllegalStateException when there is no number left
   */
  static Region take(long bytes, long alignment) {
    int id = PoolIds.take();
    Arena arena = Arena.ofShared();
    boolean taken = false;
    try {
      Region region = new Region(id, arena, bytes, alignment);
      CoarseClock.retain();
      taken = true;
      return region;
    } finally {
      if (!taken) {
        arena.close();
        PoolIds.giveBack(id);
      }
    }
  }

  /** Gives the number and the clock back: to be called once, when no more handles are made. */
  void giveBackNumber() {
    CoarseClock.release();
    PoolIds.giveBack(id);
  }

  /**
   * Closes the memory's scope, which FFM refuses while I/O is under way on a segment of it: waits
   * for that, up to 10 seconds. May be called again.
   */
  void giveBackMemory(String pool) {
    long deadline = System.nanoTime() + GIVE_BACK_LIMIT.toNanos();
    while (arena.scope().isAlive()) {
      try {
        arena.close();
      } catch (IllegalStateException inUse) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException(
              "pool '%s' is closed, but I/O is still under way on its memory after %d s: call closeNow() again"
                  .formatted(pool, GIVE_BACK_LIMIT.toSeconds()),
              inUse);
        }
        LockSupport.parkNanos(1_000_000);
      }
    }
  }
}
