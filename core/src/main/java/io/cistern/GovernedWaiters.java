package io.cistern;

import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Threads that wait for a block of a governed pool, or for their quota to allow it: first come,
 * first served among those who want the same. A block is handed over under the queue's lock.
 *
 * <p>No wake-up is lost: a waiter is counted in {@link #length}, and only then looks for a block; a
 * free frees the block and gives back what it cost, and only then, behind a fence, reads {@code
 * length}. While anybody waits, newcomers take the lock, serve the queue, and only then look for
 * themselves; where blocks are of any size, what is free is kept for the first that waits for room.
 */
final class GovernedWaiters {
  private static final long NONE = MemoryPool.NO_HANDLE;

  private final GovernedPool pool;
  private final Governor governor;
  private final boolean strict;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<OwnerWaiter> queue = new ArrayDeque<>();

  /** Those of all pools that charge the same quotas, these too. */
  private List<GovernedWaiters> siblings = List.of();

  private volatile int length;

  /** What a request that waits is about: what one is refused, others like it are too. */
  private record Want(int tier, Owner owner) {}

  private static final class OwnerWaiter extends Waiter {
    final Owner owner;

    OwnerWaiter(int size, Owner owner) {
      super(size);
      this.owner = owner;
    }
  }

  GovernedWaiters(GovernedPool pool, Governor governor, boolean strict) {
    this.pool = pool;
    this.governor = governor;
    this.strict = strict;
  }

  /** Pools whose frees may let those who wait here go on; to be called before anybody waits. */
  void join(CopyOnWriteArrayList<GovernedWaiters> all) {
    all.add(this);
    siblings = all;
  }

  void leave() {
    if (siblings instanceof CopyOnWriteArrayList<GovernedWaiters> all) {
      all.remove(this);
    }
  }

  int length() {
    return length;
  }

  /** Whether the calling thread serves the queue: listeners are told later. */
  boolean isServing() {
    return lock.isHeldByCurrentThread();
  }

  /** Something is free that may be what somebody waits for. */
  void afterFree(boolean ofQuota) {
    VarHandle.fullFence();
    if (length != 0) {
      serve();
    }
    if (ofQuota) {
      for (GovernedWaiters sibling : siblings) {
        if (sibling.length != 0) {
          sibling.serve();
        }
      }
    }
  }

  void serve() {
    lock.lock();
    try {
      serveNow();
    } finally {
      lock.unlock();
    }
    governor.observeAll();
  }

  /** Under the lock; whether one waits for room that newcomers must not take. */
  private boolean serveNow() {
    Set<Want> refused = new HashSet<>();
    boolean keep = false;
    for (Iterator<OwnerWaiter> all = queue.iterator(); all.hasNext() && !keep; ) {
      OwnerWaiter next = all.next();
      Want want = new Want(governor.tierFor(next.size), next.owner);
      if (!strict && refused.contains(want)) {
        continue;
      }
      long handle = governor.claimNow(next.size, governor.alignment, next.owner);
      if (handle == NONE || handle == Governor.REFUSED) {
        refused.add(want);
        keep = strict && handle == NONE;
      } else {
        all.remove();
        length = queue.size();
        next.serve(handle);
      }
    }
    return keep;
  }

  /** What is left when those who wait have been served. */
  long claimBehind(long size, long alignment, Owner owner) {
    long handle;
    lock.lock();
    try {
      handle = serveNow() ? NONE : governor.claimNow(size, alignment, owner);
    } finally {
      lock.unlock();
    }
    governor.observeAll();
    return handle;
  }

  /** A handle, or NO_HANDLE when the time is up or the pool was closed. */
  long await(int size, Owner owner, long nanos) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    long deadline = System.nanoTime() + nanos;
    OwnerWaiter waiter = new OwnerWaiter(size, owner);
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

  private void enter(OwnerWaiter waiter) {
    lock.lock();
    try {
      queue.add(waiter);
      length = queue.size();
    } finally {
      lock.unlock();
    }
  }

  /** The one that leaves may have been what kept others from being served. */
  private void leave(OwnerWaiter waiter) {
    lock.lock();
    try {
      boolean left = queue.remove(waiter);
      length = queue.size();
      if (left && strict) {
        serveNow();
      }
    } finally {
      lock.unlock();
    }
  }

  void wakeAll() {
    lock.lock();
    try {
      queue.forEach(Waiter::wake);
    } finally {
      lock.unlock();
    }
  }
}
