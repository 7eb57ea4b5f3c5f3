package io.cistern;

import io.cistern.internal.CoarseClock;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Threads that wait for a block, first come first served. A block is never announced but handed
 * over: under the queue's lock it is claimed for the longest waiter that can use it, and that
 * thread is woken as its owner.
 *
 * <p>No wake-up is lost: a waiter says {@code wanted} in each tier it may use, and only then looks
 * for a block; a release frees the state word, and only then reads {@code wanted}. Both are
 * volatile, so one of the two sees the other. Newcomers that find no block at once serve the queue
 * before they look further, and leave wanted tiers alone, so none overtakes.
 *
 * <p>Waiters are kept by the tier that fits their size, each with its ticket: whom to serve next is
 * a question to as many queues as there are tiers, however many threads wait. Lock order: this
 * queue's, then a tier's. Watches, and so listeners, are told after the lock is given back.
 */
final class WaitQueue {
  private static final long NONE = MemoryPool.NO_HANDLE;

  private final TieredPool pool;
  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashSet<TierWaiter>[] byTier;
  private long tickets;
  private volatile int length;

  @SuppressWarnings({"unchecked", "rawtypes"})
  WaitQueue(TieredPool pool, int tiers) {
    this.pool = pool;
    this.byTier = new LinkedHashSet[tiers];
    Arrays.setAll(byTier, tier -> new LinkedHashSet<>());
  }

  /** One that waits for a tier, and perhaps for those that a request for it may spill to. */
  private static final class TierWaiter extends Waiter {
    final int tier;
    long ticket;

    TierWaiter(int size, int tier) {
      super(size);
      this.tier = tier;
    }
  }

  /** How many threads wait now. */
  int length() {
    return length;
  }

  /**
   * Waits for a block: its index in the pool, or NONE when the time is up or the pool was closed.
   */
  long await(int size, int tier, long nanos) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    long deadline = System.nanoTime() + nanos;
    TierWaiter waiter = new TierWaiter(size, tier);
    boolean interrupted;
    enter(waiter);
    try {
      serve();
      interrupted = waiter.park(pool, deadline);
    } finally {
      leave(waiter);
    }
    return waiter.result(interrupted);
  }

  private void enter(TierWaiter waiter) {
    lock.lock();
    try {
      waiter.ticket = tickets++;
      byTier[waiter.tier].add(waiter);
      publish(length + 1);
    } finally {
      lock.unlock();
    }
  }

  private void leave(TierWaiter waiter) {
    lock.lock();
    try {
      if (byTier[waiter.tier].remove(waiter)) {
        publish(length - 1);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Hands free blocks to waiters, the longest first, until no block or no waiter is left. Returns
   * the tiers that were found exhausted on the way, one bit each.
   */
  long serve() {
    long claimedFrom = 0;
    long exhausted = 0;
    lock.lock();
    try {
      for (TierWaiter next = next(exhausted); next != null; next = next(exhausted)) {
        exhausted |= serve(next, exhausted);
        if (next.isServed()) {
          claimedFrom |= 1L << pool.handles.tier(next.claimed());
          byTier[next.tier].remove(next);
          publish(length - 1);
        }
      }
    } finally {
      lock.unlock();
    }
    for (long rest = claimedFrom; rest != 0; rest &= rest - 1) {
      pool.tiers[Long.numberOfTrailingZeros(rest)].blocks.observe();
    }
    if (claimedFrom != 0) {
      pool.events.tellUntold();
    }
    return exhausted;
  }

  /** The longest waiter that may use a tier not yet found exhausted, or null. */
  private @Nullable TierWaiter next(long exhausted) {
    TierWaiter longest = null;
    for (int tier = 0; tier < byTier.length; tier++) {
      if (!byTier[tier].isEmpty() && (usable(tier) & ~exhausted) != 0) {
        TierWaiter first = byTier[tier].getFirst();
        longest = longest == null || first.ticket < longest.ticket ? first : longest;
      }
    }
    return longest;
  }

  /**
   * Tries every tier that the waiter may use, except those already found exhausted; returns those
   * newly found so.
   */
  private long serve(TierWaiter waiter, long exhausted) {
    long found = 0;
    for (long rest = usable(waiter.tier) & ~exhausted; rest != 0; rest &= rest - 1) {
      Tier tier = pool.tiers[Long.numberOfTrailingZeros(rest)];
      long handle = tier.blocks.search(waiter.size, CoarseClock.ticks());
      if (handle != NONE) {
        tier.countSpillFrom(pool.tiers[waiter.tier], waiter.size, true);
        waiter.serve(handle);
        return found;
      }
      found |= rest & -rest;
    }
    return found;
  }

  /** One bit for each tier that a request may take. */
  private long usable(int fitting) {
    return -1L << fitting & -1L >>> (63 - pool.lastTierFor(fitting));
  }

  /** Wakes everybody; they find the pool closed. */
  void wakeAll() {
    lock.lock();
    try {
      for (LinkedHashSet<TierWaiter> waiters : byTier) {
        waiters.forEach(Waiter::wake);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Says in every tier whether somebody waits for it. */
  private void publish(int newLength) {
    long wanted = 0;
    for (int tier = 0; tier < byTier.length; tier++) {
      wanted |= byTier[tier].isEmpty() ? 0 : usable(tier);
    }
    for (int tier = 0; tier < byTier.length; tier++) {
      pool.tiers[tier].blocks.setWanted((wanted & 1L << tier) != 0);
    }
    length = newLength; // whoever is counted as waiting is not overtaken
  }
}
