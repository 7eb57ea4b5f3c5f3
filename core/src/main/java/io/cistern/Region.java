package io.cistern;

import io.cistern.internal.CoarseClock;
import java.lang.foreign.MemorySegment;

/**
 * What a pool takes when it is opened and gives back when it is closed: its memory, its number, and
 * its share in the clock.
 */
final class Region {
  private static final long CACHE_LINE = 64;

  /** The pool's number, which its handles carry. */
  final int id;

  final MemorySegment memory;
  private final TakenMemory taken;

  private Region(int id, TakenMemory taken) {
    this.id = id;
    this.taken = taken;
    this.memory = taken.segment();
  }

  /**
   * Takes all of it, or nothing.
   *
   * @throws OutOfMemoryError when the operating system refuses the memory
   * @throws IllegalStateException when there is no number left
   */
  static Region take(long bytes, long alignment) {
    int id = PoolIds.take();
    boolean opened = false;
    try {
      Region region = new Region(id, TakenMemory.take(bytes, Math.max(CACHE_LINE, alignment)));
      CoarseClock.retain();
      opened = true;
      return region;
    } finally {
      if (!opened) {
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
   * Gives the memory back: waits while I/O is under way on it, up to 10 seconds; again if asked.
   */
  void giveBackMemory(String pool) {
    taken.giveBack(() ->
        "pool '%s' is closed, but I/O is still under way on its memory after %d s: call closeNow() again"
            .formatted(pool, TakenMemory.GIVE_BACK_LIMIT.toSeconds()));
  }
}
