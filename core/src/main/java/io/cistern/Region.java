package io.cistern;

import io.cistern.internal.CoarseClock;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

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
  private final ReentrantLock lock = new ReentrantLock();

  // under the lock
  private int held;
  private boolean isGivenBack;
  private @Nullable Runnable whenGivenBack;
  private Runnable beforeGivenBack = () -> {};

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
   * Gives the memory back, unless some of it is held: then whoever holds it last does. Waits while
   * I/O is under way on it, up to 10 seconds; again if asked.
   */
  void giveBackMemory(String pool) {
    lock.lock();
    try {
      if (held > 0 || isGivenBack) {
        return;
      }
      beforeGivenBack.run();
      taken.giveBack(() ->
          "pool '%s' is closed, but I/O is still under way on its memory after %d s: call closeNow() again"
              .formatted(pool, TakenMemory.GIVE_BACK_LIMIT.toSeconds()));
      isGivenBack = true;
      if (whenGivenBack != null) {
        whenGivenBack.run();
        whenGivenBack = null;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Does something before the memory is given back; more than once, if it throws. */
  void beforeGivenBack(Runnable action) {
    beforeGivenBack = action;
  }

  /** So many blocks are held by others than their owners, though the pool is closed. */
  void hold(int blocks) {
    lock.lock();
    try {
      held += blocks;
    } finally {
      lock.unlock();
    }
  }

  /** A block that was held when the pool was closed is not any more. */
  void endHold(String pool) {
    lock.lock();
    try {
      held--;
      giveBackMemory(pool);
    } finally {
      lock.unlock();
    }
  }

  /** Does something once the memory is given back: at once, if it is. */
  void whenGivenBack(Runnable action) {
    lock.lock();
    try {
      if (isGivenBack) {
        action.run();
      } else {
        whenGivenBack = action;
      }
    } finally {
      lock.unlock();
    }
  }
}
