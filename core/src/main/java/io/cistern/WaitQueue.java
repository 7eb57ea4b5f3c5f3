package io.cistern;

import io.cistern.internal.Blocks;
import io.cistern.internal.CoarseClock;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Threads that wait for a block, first come first served. A block is never announced but handed
 * over: under the queue's lock it is claimed for the longest waiter that can use it, and that
 * thread is woken as its owner.
 *
 * <p>No wake-up is lost: a waiter says {@code wanted} in each tier it may use, and only then looks
 * for a block; a release frees the state word, and only then reads {@code wanted}. Both are
 * volatile, so one of the two sees the other. Newcomers that find no block at once serve the queue
 * before they look further, so none overtakes.
 *
 * <p>Lock order: this queue's, then a tier's.
 */
final class WaitQueue {
  private static final int NONE = Blocks.NONE;

  private final TieredPool pool;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Waiter> queue = new ArrayDeque<>();
  private volatile int length;

  WaitQueue(TieredPool pool) {
    this.pool = pool;
  }

  private static final class Waiter {
    final Thread thread = Thread.currentThread();
    final int size;
    final int tier;

    /** Written under the lock, once. */
    volatile int claimed = NONE;

    Waiter(int size, int tier) {
      this.size = size;
      this.tier = tier;
    }

    boolean isServed() {
      return claimed != NONE;
    }
  }

  int length() {
    return length;
  }

  /**
   * Waits for a block: its index in the pool, or NONE when the time is up or the pool was closed.
   */
  int await(int size, int tier, long nanos) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    long deadline = System.nanoTime() + nanos;
    Waiter waiter = new Waiter(size, tier);
    boolean interrupted = false;
    enter(waiter);
    try {
      serve();
      for (long left = nanos;
          !waiter.isServed() && !interrupted;
          left = deadline - System.nanoTime()) {
        if (left <= 0 || pool.isClosed()) {
          break;
        }
        LockSupport.parkNanos(this, left);
        interrupted = Thread.interrupted();
      }
    } finally {
      leave(waiter);
    }
    return result(waiter, interrupted);
  }

  /**
   * A block that was handed over is not lost to an interrupt: the interrupt stays pending instead.
   */
  private static int result(Waiter waiter, boolean interrupted) throws InterruptedException {
    if (interrupted && !waiter.isServed()) {
      throw new InterruptedException();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return waiter.claimed;
  }

  private void enter(Waiter waiter) {
    lock.lock();
    try {
      queue.addLast(waiter);
      publish();
    } finally {
      lock.unlock();
    }
  }

  private void leave(Waiter waiter) {
    lock.lock();
    try {
      if (queue.remove(waiter)) {
        publish();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Hands free blocks to waiters, the longest first, until no block or no waiter is left. */
  void serve() {
    long claimedFrom = 0;
    lock.lock();
    try {
      long exhausted = 0;
      for (Iterator<Waiter> waiters = queue.iterator(); waiters.hasNext(); ) {
        Waiter waiter = waiters.next();
        exhausted = serve(waiter, exhausted);
        if (waiter.isServed()) {
          claimedFrom |= 1L << pool.handles.tierOfIndex(waiter.claimed);
          waiters.remove();
          LockSupport.unpark(waiter.thread);
        }
      }
      publish();
    } finally {
      lock.unlock();
    }
    observe(claimedFrom);
  }

  /**
   * Tries every tier that the waiter may use, except those already found exhausted; returns these
   * and the new ones.
   */
  private long serve(Waiter waiter, long exhausted) {
    long found = exhausted;
    for (int tier = waiter.tier; tier <= pool.lastTierFor(waiter.tier); tier++) {
      if ((found & 1L << tier) == 0) {
        int index = pool.tiers[tier].blocks.search(waiter.size, CoarseClock.ticks());
        if (index != NONE) {
          if (tier != waiter.tier) {
            pool.tiers[tier].countSpillFrom(pool.tiers[waiter.tier]);
          }
          waiter.claimed = pool.tiers[tier].first | index;
          return found;
        }
        found |= 1L << tier;
      }
    }
    return found;
  }

  /** Tells the watches of the tiers, after the lock is given back: they call listeners. */
  private void observe(long tiers) {
    for (long rest = tiers; rest != 0; rest &= rest - 1) {
      pool.tiers[Long.numberOfTrailingZeros(rest)].blocks.observe();
    }
  }

  /** Wakes everybody; they find the pool closed. */
  void wakeAll() {
    lock.lock();
    try {
      queue.forEach(waiter -> LockSupport.unpark(waiter.thread));
    } finally {
      lock.unlock();
    }
  }

  /** Says in every tier whether somebody waits for it. */
  private void publish() {
    length = queue.size();
    long wanted = 0;
    for (Waiter waiter : queue) {
      wanted |= -1L << waiter.tier & -1L >>> (63 - pool.lastTierFor(waiter.tier));
    }
    for (int tier = 0; tier < pool.tiers.length; tier++) {
      pool.tiers[tier].blocks.setWanted((wanted & 1L << tier) != 0);
    }
  }
}
