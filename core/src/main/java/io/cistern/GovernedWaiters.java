package io.cistern;

import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Threads that wait for a block of a governed pool, or for their quota to allow it: first come,
 * first served among those who want the same. A block is handed over under the queue's lock.
 *
 * <p>No wake-up is lost: a waiter is counted in {@link #length}, and only then looks for a block; a
 * free frees the block and gives back what it cost, and only then, behind a fence, reads {@code
 * length}. While anybody waits, newcomers take the lock, serve the queue, and only then look for
 * themselves; where blocks are of any size, what is free is kept for the first that waits for room,
 * but not from critical owners if that one is not.
 *
 * <p>What makes room elsewhere may not be told here: a budget or a limit that was raised, fallback
 * memory that another pool frees, a charge that another pool takes back since it found no block. So
 * the first that waits looks by itself too, fifty times a second.
 */
final class GovernedWaiters {
  private static final long NONE = MemoryPool.NO_HANDLE;
  private static final long LOOK_NANOS = 20_000_000;

  private final GovernedPool pool;
  private final Governor governor;
  private final boolean strict;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<OwnerWaiter> queue = new ArrayDeque<>();

  /** Those of all pools that charge the same quotas, these too. */
  private List<GovernedWaiters> siblings = List.of();

  private volatile int length;
  private volatile @Nullable OwnerWaiter first;

  /** Something became free while the queue was being served; under the lock. */
  private boolean again;

  /**
   * What a request that waits is about: what one is refused, others like it are too.
   *
   * @param tier that fits
   * @param size of the request, where it matters: fallback memory is given to the byte
   * @param owner who pays
   */
  private record Want(int tier, int size, Owner owner) {}

  /** From whom what is free is kept, for one who came before. */
  private enum Keep {
    FROM_NOBODY,
    FROM_ORDINARY,
    FROM_ALL;

    boolean from(Owner owner) {
      return this == FROM_ALL || (this == FROM_ORDINARY && !owner.isCritical());
    }
  }

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
    if (isServing()) {
      again = true;
      return;
    }
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
    governor.figures.observeAll();
  }

  /** Under the lock; from whom what is left is kept. */
  private Keep serveNow() {
    Keep keep;
    do {
      again = false;
      keep = serveOnce();
    } while (again);
    return keep;
  }

  private Keep serveOnce() {
    Set<Want> refused = new HashSet<>();
    Keep keep = Keep.FROM_NOBODY;
    for (Iterator<OwnerWaiter> all = queue.iterator(); all.hasNext() && keep != Keep.FROM_ALL; ) {
      OwnerWaiter next = all.next();
      Want want = want(next);
      if (keep.from(next.owner) || (!strict && refused.contains(want))) {
        continue;
      }
      long handle = governor.claimNow(next.size, governor.alignment, next.owner);
      if (handle == NONE || handle == Governor.REFUSED) {
        refused.add(want);
        keep = strict && handle == NONE ? keepFor(next.owner) : keep;
      } else {
        all.remove();
        queueChanged();
        next.serve(handle);
      }
    }
    return keep;
  }

  private Want want(OwnerWaiter waiter) {
    return new Want(
        governor.sizes.tierFor(waiter.size),
        governor.fallback == null ? 0 : waiter.size,
        waiter.owner);
  }

  private static Keep keepFor(Owner owner) {
    return owner.isCritical() ? Keep.FROM_ALL : Keep.FROM_ORDINARY;
  }

  private void queueChanged() {
    length = queue.size();
    first = queue.peek();
  }

  /** What is left when those who wait have been served. */
  long claimBehind(long size, long alignment, Owner owner) {
    long handle;
    lock.lock();
    try {
      handle = serveNow().from(owner) ? NONE : governor.claimNow(size, alignment, owner);
    } finally {
      lock.unlock();
    }
    governor.figures.observeAll();
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
      interrupted = park(waiter, deadline);
    } finally {
      leave(waiter);
    }
    return waiter.result(interrupted);
  }

  /** Whether it was interrupted. */
  private boolean park(OwnerWaiter waiter, long deadline) {
    while (true) {
      long now = System.nanoTime();
      boolean interrupted = waiter.park(pool, now + Math.min(LOOK_NANOS, deadline - now));
      if (interrupted
          || waiter.isServed()
          || pool.isClosed()
          || deadline - System.nanoTime() <= 0) {
        return interrupted;
      }
      if (waiter.equals(first)) {
        serve();
      }
    }
  }

  private void enter(OwnerWaiter waiter) {
    lock.lock();
    try {
      queue.add(waiter);
      queueChanged();
    } finally {
      lock.unlock();
    }
  }

  /** The one that leaves may have been what kept others from being served. */
  private void leave(OwnerWaiter waiter) {
    lock.lock();
    try {
      boolean left = queue.remove(waiter);
      queueChanged();
      if (left && strict) {
        serveNow();
      }
    } finally {
      lock.unlock();
    }
    governor.figures.observeAll();
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
