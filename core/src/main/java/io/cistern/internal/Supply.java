package io.cistern.internal;

import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What magazines are filled from and emptied into: the depot, and when that is empty each other.
 * Everything here is done under the pool's lock, once for half a magazine, except {@link
 * #isRefused()}.
 *
 * <p><b>Stealing.</b> Takes a free block out of whatever magazine names it, and leaves the entry
 * behind, stale. A word without a mark is claimed at once. If only such with a mark are left, all
 * marks are taken away ({@link Magazines#revoke}), which stops nobody for long but costs a {@link
 * Barrier}: so they come back after a second, the next time after two, and so on, and a pool that
 * is often full soon works without them.
 *
 * <p><b>Refusal</b> is exact. Under the lock no hint moves between magazines and depot; the depot
 * is empty and all magazines were searched; if no release completed meanwhile, every block was
 * found used, so at the end of the search none was free. It stays so until a release completes, so
 * the next refusals need not search.
 */
final class Supply {
  private static final long NEVER = -1;

  private final BlockPool blocks;
  private final Magazines magazines;
  private final ReentrantLock lock;
  private final Depot depot;

  /** Completed releases at the last refusal: until there is another one, nothing is free. */
  private volatile long refusedAt = NEVER;

  Supply(BlockPool blocks, Magazines magazines) {
    this.blocks = blocks;
    this.magazines = magazines;
    this.lock = magazines.lock;
    this.depot = new Depot(blocks.capacity);
  }

  /** Whether nothing has become free since the last refusal. */
  boolean isRefused() {
    return refusedAt == magazines.frees();
  }

  /**
   * A handle, or NONE when at some moment during the call no block was free.
   *
   * @param magazine the thread's, for this operation or for longer; null if it has none
   */
  long claim(@Nullable Magazine magazine, int size, int tick) {
    lock.lock();
    try {
      long handle =
          magazine == null ? takeFromDepot(size, tick) : refillAndPop(magazine, size, tick);
      return handle != Blocks.NONE
          ? handle
          : stealOrRefuse(magazine == null ? magazines.direct : magazine, size, tick);
    } finally {
      lock.unlock();
    }
  }

  private long takeFromDepot(int size, int tick) {
    while (!depot.isEmpty()) {
      long handle = blocks.tryClaim(depot.takeLowest(), size, tick);
      if (handle != Blocks.NONE) {
        magazines.direct.countAllocation(size);
        return handle;
      }
    }
    return Blocks.NONE;
  }

  private long refillAndPop(Magazine magazine, int size, int tick) {
    magazines.arm(magazine, tick);
    long handle = blocks.pop(magazine, size, tick);
    while (handle == Blocks.NONE && !depot.isEmpty()) {
      refill(magazine);
      handle = blocks.pop(magazine, size, tick);
    }
    return handle;
  }

  /** Moves the lowest indices of the depot to an empty magazine, the lowest on top. */
  private void refill(Magazine magazine) {
    int count = Math.min(magazine.limit / 2, depot.size());
    for (int position = count - 1; position >= 0; position--) {
      int index = depot.takeLowest();
      if (magazine.isArmed()) {
        blocks.tryMark(index, 0, magazine.mark);
      }
      magazine.setEntry(position, index, blocks.word(index));
    }
    magazine.setTop(count);
  }

  private long stealOrRefuse(Magazine thief, int size, int tick) {
    VarHandle.fullFence(); // a waiter has said so before it looks here
    while (true) {
      long released = magazines.frees();
      VarHandle.acquireFence();
      long handle = steal(thief, size, tick);
      VarHandle.acquireFence();
      if (handle != Blocks.NONE) {
        return handle;
      }
      if (isMarkedFree()) {
        revokeMarks(tick);
      } else if (released == magazines.frees()) {
        refusedAt = released;
        return Blocks.NONE;
      }
    }
  }

  private long steal(Magazine thief, int size, int tick) {
    for (Magazine magazine : magazines.all()) {
      for (int position = magazine.topAcquire() - 1; position >= 0; position--) {
        long handle = blocks.tryClaim(magazine.entry(position), size, tick);
        if (handle != Blocks.NONE) {
          thief.countAllocation(size);
          return handle;
        }
      }
    }
    return Blocks.NONE;
  }

  private boolean isMarkedFree() {
    for (Magazine magazine : magazines.all()) {
      for (int position = magazine.topAcquire() - 1; position >= 0; position--) {
        long word = blocks.word(magazine.entry(position));
        if (Blocks.isFree(word) && (word & Blocks.MARK) != 0) {
          return true;
        }
      }
    }
    return false;
  }

  /** Under the lock: from here on every free block can be claimed by compare-and-set. */
  void revokeMarks(int tick) {
    magazines.revoke(tick);
    for (Magazine magazine : magazines.all()) {
      for (int position = magazine.topAcquire() - 1; position >= 0; position--) {
        int index = magazine.entry(position);
        blocks.tryMark(index, blocks.word(index) & Blocks.MARK, 0);
      }
    }
  }

  /** Moves the older half of a magazine to the depot. */
  void flush(Magazine magazine) {
    lock.lock();
    try {
      int top = magazine.top;
      int half = top / 2;
      for (int position = 0; position < half; position++) {
        int index = magazine.entry(position);
        blocks.tryMark(index, magazine.mark, 0);
        depot.add(index);
      }
      for (int position = half; position < top; position++) {
        magazine.moveEntry(position, position - half);
      }
      magazine.setTop(top - half);
    } finally {
      lock.unlock();
    }
  }

  /** Under the lock: takes a block that became free otherwise than by a release. */
  void add(int index) {
    depot.add(index);
    refusedAt = NEVER;
  }

  boolean contains(int index) {
    return depot.contains(index);
  }

  void verify(List<String> findings) {
    depot.verify(findings);
  }

  long bytes() {
    return 40 + depot.bytes();
  }
}
