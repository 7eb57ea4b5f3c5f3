package io.cistern.internal;

import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Blocks that are handed out again as late as possible, for pools that are checked: whoever still
 * writes to a block that he freed is then more likely to be found out than to damage the next
 * owner's.
 *
 * <pre>
 * release ──► quarantine, the oldest leaves it when there are more than wanted ──► ready
 * claim   ──► ready, the last one first; the oldest of the quarantine when there is none
 * </pre>
 *
 * So the quarantine keeps nothing from anybody: a claim fails only when no block is free.
 * Everything is changed under one lock; figures are read without it.
 *
 * <pre>
 * ready + quarantined + used = capacity, lost blocks among the used
 * </pre>
 */
public final class QuarantinedBlocks extends Blocks {
  private final @Nullable Thread owner;
  private final int limit;
  private final ReentrantLock lock = new ReentrantLock();
  private final int[] ready;
  private int readyCount;
  private final int[] quarantine;
  private int oldest;
  private int quarantined;
  private volatile int lost;
  private boolean sealed;
  private volatile int used;
  private volatile int peak;
  private volatile long allocations;
  private volatile long frees;
  private volatile long requested;

  /**
   * All blocks free, and ready.
   *
   * @param capacity number of blocks
   * @param firstHandle handle of block 0, without generation
   * @param seed first generation
   * @param watch told of every change
   * @param onWanted called by a release while somebody waits
   * @param owner the only thread that may claim and release, or null
   * @param quarantine how many of the last blocks freed are kept back
   */
  public QuarantinedBlocks(
      int capacity,
      long firstHandle,
      long seed,
      Runnable watch,
      Runnable onWanted,
      @Nullable Thread owner,
      int quarantine) {
    super(capacity, firstHandle, seed, watch, onWanted);
    this.owner = owner;
    this.limit = Math.min(quarantine, capacity);
    this.ready = new int[capacity];
    this.quarantine = new int[capacity];
    for (int index = capacity - 1; index >= 0; index--) {
      ready[readyCount++] = index;
    }
  }

  @Override
  public long claim(int size, int tick) {
    checkThread();
    return isWanted() ? NONE : claimSlow(size, tick);
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  public long search(int size, int tick) {
    checkThread();
    lock.lock();
    try {
      if (sealed || readyCount + quarantined == 0) {
        return NONE;
      }
      long handle = tryClaim(next(), size, tick);
      requested += size;
      allocations++;
      used++;
      peak = Math.max(peak, used);
      return handle;
    } finally {
      lock.unlock();
    }
  }

  private int next() {
    if (readyCount > 0) {
      return ready[--readyCount];
    }
    int index = quarantine[oldest];
    oldest = (oldest + 1) % capacity;
    quarantined--;
    return index;
  }

  private void add(int index) {
    quarantine[(oldest + quarantined) % capacity] = index;
    quarantined++;
    if (quarantined > limit) {
      int leaving = quarantine[oldest];
      oldest = (oldest + 1) % capacity;
      quarantined--;
      ready[readyCount++] = leaving;
    }
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  public boolean release(int index, long word) {
    checkThread();
    lock.lock();
    try {
      if (!tryRelease(index, word, 0)) {
        return false;
      }
      add(index);
      used--;
      frees++;
    } finally {
      lock.unlock();
    }
    if (isWanted()) {
      callWaiters();
    }
    observe();
    return true;
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  public boolean lose(int index, long word) {
    lock.lock();
    try {
      boolean isLost = beginRelease(index, word) != 0;
      lost += isLost ? 1 : 0;
      return isLost;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void forEachQuarantined(IntConsumer each) {
    lock.lock();
    try {
      for (int at = 0; at < quarantined; at++) {
        each.accept(quarantine[(oldest + at) % capacity]);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int lost() {
    return lost;
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // this very thread is meant
  public void checkThread() {
    if (owner != null && Thread.currentThread() != owner) {
      throw new WrongThreadException(
          "the pool is confined to thread '%s', not '%s'"
              .formatted(owner.getName(), Thread.currentThread().getName()));
    }
  }

  @Override
  public void checkMayClose() {
    if (owner != null && owner.isAlive()) {
      checkThread();
    }
  }

  @Override
  public boolean seal() {
    lock.lock();
    try {
      sealed = readyCount + quarantined + lost == capacity;
      return sealed;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void unseal() {
    lock.lock();
    try {
      sealed = false;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void retireNow(Retired live) {
    lock.lock();
    try {
      sealed = true;
      super.retireNow(live);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int used() {
    return used;
  }

  /** {@inheritDoc} Exact. */
  @Override
  public int peak() {
    return peak;
  }

  /** {@inheritDoc} Bytes before allocations: never more were asked for than were given. */
  @Override
  public Counts counts() {
    long bytes = requested;
    long freed = frees;
    return new Counts(allocations, freed, bytes);
  }

  @Override
  public long releases() {
    return frees;
  }

  @Override
  public long metadataBytes() {
    return 120 + arrayBytes() + 2 * (16 + 4L * capacity);
  }

  @Override
  public boolean verify(List<String> findings) {
    lock.lock();
    try {
      int[] places = new int[capacity];
      for (int at = 0; at < readyCount; at++) {
        places[ready[at]]++;
      }
      for (int at = 0; at < quarantined; at++) {
        places[quarantine[(oldest + at) % capacity]]++;
      }
      int owned = 0;
      for (int index = 0; index < capacity; index++) {
        boolean free = isFree(word(index));
        owned += free ? 0 : 1;
        if (places[index] != (free ? 1 : 0) && !sealed) {
          findings.add(
              "block %d is %s and has %d places among the free ones"
                  .formatted(index, free ? "free" : "not free", places[index]));
        }
      }
      if (!sealed && owned != used) {
        findings.add("%d blocks have an owner, %d are counted".formatted(owned, used));
      }
      return true;
    } finally {
      lock.unlock();
    }
  }
}
