package io.cistern.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * More than 64 blocks, shared by all threads. The state words ({@link Blocks}) are the truth;
 * everything here only helps to find a free block without looking at many.
 *
 * <p><b>Idea.</b> A thread keeps the blocks that it freed in a {@link Magazine} of its own and
 * takes them from there, the last one first; it alone writes their words, so that the fast path is
 * plain stores on lines that stay in its cache. What does not fit in magazines is in the {@link
 * Depot}, under a lock that is taken once for half a magazine ({@link Supply}). Magazines are an
 * idea of Bonwick and Adams (2001); that others may claim what a magazine names, without its
 * owner's help, is what keeps capacity a promise.
 *
 * <pre>
 * Magazine.claim ──► claim ──► own magazine, word without a mark     one compare-and-set
 *   └─► search ──► own or leased magazine, all entries            no lock
 *         └─► lock ──► refill from the depot ──► steal or refuse     bounded by the magazines, not by the blocks
 * Magazine.free ──► release ──► own magazine, word without a mark    one compare-and-set
 *   └─► releaseSlow ──► flush half of a full magazine, or leased magazine, or depot
 * </pre>
 *
 * <p><b>Invariants.</b>
 *
 * <pre>
 * allocations - frees = used        summed over the magazines, when quiescent
 * a free block has a hint           in a magazine or in the depot, except while its release has not returned;
 *                                   if it has a mark, in the magazine of that mark
 * a hint of a used block is stale   and does no harm: a claim checks the word, and the owner drops it
 * stale bits in the depot           ≤ entries of all magazines: only a steal makes a second hint, and only when the depot is empty
 * </pre>
 *
 * <p><b>Orderings.</b>
 *
 * <pre>
 * pop      claim the word, then lower top           a block on its way can be found by others, or is owned
 * push     entry, top, then release the word        once free, a block has a hint; before, the hint is stale
 * depot    release the word, then add, locked       whoever dropped a stale bit had seen the block used before
 * counts   after the word                           if no count moved, no release completed
 * bytes    after the count of allocations           never more were asked for than were given
 * mark     busy, then the mark, then the word       whoever takes a mark away waits for those who saw it
 * waiters  asked for after the word, both volatile  a waiter finds the block, or is called; once one waited, no release is plain
 * </pre>
 */
public final class BlockPool extends Blocks {
  private static final int MIN_MAGAZINE = 4;
  private static final int MAX_MAGAZINE = 64;
  private static final int ADOPTION_INTERVAL = 64;

  private final Magazines magazines;
  private final ReentrantLock lock;
  private final Supply supply;
  private final AtomicInteger peak = new AtomicInteger();

  /**
   * All blocks free, in the depot.
   *
   * @param capacity number of blocks, more than 0
   * @param firstHandle handle of block 0, without generation
   * @param seed first generation
   * @param watch told when a magazine was refilled or flushed
   * @param onWanted called by a release while somebody waits
   * @param slots gets the magazines, of each tier and thread
   * @param tier of these blocks
   */
  public BlockPool(
      int capacity,
      long firstHandle,
      long seed,
      Runnable watch,
      Runnable onWanted,
      Magazine[] slots,
      int tier) {
    super(capacity, firstHandle, seed, watch, onWanted);
    int limit = Math.clamp(Integer.highestOneBit(capacity / 16), MIN_MAGAZINE, MAX_MAGAZINE);
    this.magazines = new Magazines(this, limit, slots, tier);
    this.lock = magazines.lock;
    this.supply = new Supply(this, magazines);
  }

  // --- claim ---

  @Override
  public long claim(int size, int tick) {
    long self = Thread.currentThread().threadId();
    Magazine magazine = magazines.candidate(self);
    if (magazine.owner != self) {
      return isWanted() ? NONE : claimLeased(self, size, tick);
    }
    if (magazine.top == 0) {
      return NONE;
    }
    long handle = magazine.claim(note(size, tick));
    return handle != NONE ? handle : claimUnmarked(magazine, size, tick);
  }

  private long claimUnmarked(Magazine magazine, int size, int tick) {
    if (magazines.mayArm(magazine, tick)) {
      return NONE;
    }
    int top = magazine.top - 1;
    long handle = tryClaim(magazine.entry(top), size, tick);
    if (handle != NONE) {
      magazine.setTop(top);
      magazine.countAllocation(size);
    }
    return handle;
  }

  /** For a thread without a magazine, which now and then is sent to {@link #search} to get one. */
  private long claimLeased(long self, int size, int tick) {
    Magazine magazine = magazines.lease(self);
    try {
      return magazine == null || magazine.allocations % ADOPTION_INTERVAL == 0
          ? NONE
          : pop(magazine, size, tick);
    } finally {
      Magazines.endLease(magazine);
    }
  }

  @Override
  public long search(int size, int tick) {
    if (supply.isRefused() && !isWanted()) {
      return NONE;
    }
    Magazine magazine = magazines.ownAdoptedOrLeased(Thread.currentThread());
    try {
      long handle =
          magazine == null || magazines.mayArm(magazine, tick) ? NONE : pop(magazine, size, tick);
      return handle != NONE ? handle : supply.claim(magazine, size, tick);
    } finally {
      Magazines.endLease(magazine);
    }
  }

  /**
   * Takes the first entry that is still free; drops those that are not. Stops at one whose mark is
   * just being taken away.
   */
  long pop(Magazine magazine, int size, int tick) {
    while (magazine.top > 0) {
      long handle = magazine.claim(note(size, tick));
      if (handle != NONE) {
        return handle;
      }
      int top = magazine.top - 1;
      int index = magazine.entry(top);
      handle = tryClaim(index, size, tick);
      if (handle == NONE && (word(index) & (MARK | 1)) == magazine.mark) {
        return NONE;
      }
      magazine.setTop(top);
      if (handle != NONE) {
        magazine.countAllocation(size);
        return handle;
      }
    }
    return NONE;
  }

  // --- release ---

  @Override
  public boolean release(int index, long word) {
    long self = Thread.currentThread().threadId();
    Magazine magazine = magazines.candidate(self);
    if (magazine.owner == self && magazine.top < magazine.limit) {
      return releaseUnmarked(magazine, index, word);
    }
    return releaseSlow(index, word);
  }

  private boolean releaseUnmarked(Magazine magazine, int index, long word) {
    magazines.openFor(word, magazine);
    magazine.enter(); // the free word may get the mark
    int top = magazine.top;
    magazine.setEntry(top, index, word + 1);
    magazine.setTop(top + 1);
    boolean released = tryRelease(index, word, Math.max(magazine.claimMark(), 0));
    if (released) {
      magazine.countFree();
    } else {
      magazine.setTop(top);
    }
    magazine.leave();
    if (released && isWanted()) {
      callWaiters();
    }
    return released;
  }

  @Override
  public boolean swap(int index, long from, long to) {
    magazines.openFor(from, null);
    return super.swap(index, from, to);
  }

  @Override
  public long beginRelease(int index, long word) {
    magazines.openFor(word, null);
    return super.beginRelease(index, word);
  }

  @Override
  public void setWanted(boolean value) {
    super.setWanted(value);
    if (value) {
      magazines.shareReleases();
    }
  }

  private boolean releaseSlow(int index, long word) {
    Magazine magazine = magazines.ownOrLease(Thread.currentThread());
    try {
      if (magazine == null) {
        return releaseToDepot(index, word);
      }
      if (magazine.top == magazine.limit) {
        supply.flush(magazine);
        observe();
      }
      return releaseUnmarked(magazine, index, word);
    } finally {
      Magazines.endLease(magazine);
    }
  }

  private boolean releaseToDepot(int index, long word) {
    lock.lock();
    try {
      magazines.openFor(word, null);
      if (!tryRelease(index, word, 0)) {
        return false;
      }
      supply.add(index);
      magazines.direct.countFree();
    } finally {
      lock.unlock();
    }
    if (isWanted()) {
      callWaiters();
    }
    return true;
  }

  // --- figures ---

  @Override
  public Counts counts() {
    return magazines.counts();
  }

  @Override
  public long releases() {
    return magazines.frees();
  }

  @Override
  public int used() {
    return Math.clamp(magazines.used(), 0, capacity);
  }

  /**
   * {@inheritDoc} Taken when a magazine is refilled or flushed: may miss what the magazines hold
   * between them.
   */
  @Override
  public int peak() {
    return Math.max(peak.get(), used());
  }

  @Override
  public void observe() {
    int used = used();
    if (used > peak.get()) {
      peak.accumulateAndGet(used, Math::max);
    }
    super.observe();
  }

  @Override
  public long metadataBytes() {
    return 128 + arrayBytes() + supply.bytes() + magazines.bytes();
  }

  // --- close and verify ---

  @Override
  public boolean seal() {
    lock.lock();
    try {
      supply.revokeMarks(CoarseClock.ticks());
      int sealed = sealFree();
      if (sealed < capacity) {
        unsealBelow(sealed);
      }
      return sealed == capacity;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void retireNow(Retired live) {
    lock.lock();
    try {
      magazines.revokeForEver();
      super.retireNow(live);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void unseal() {
    lock.lock();
    try {
      unsealBelow(capacity);
    } finally {
      lock.unlock();
    }
  }

  /** Frees the blocks before the given one; their hints may have been dropped meanwhile. */
  private void unsealBelow(int end) {
    for (int index = 0; index < end; index++) {
      unseal(index);
      supply.add(index);
    }
  }

  private boolean isHinted(int index, boolean[] hinted) {
    long mark = word(index) & MARK;
    return mark == 0 ? hinted[index] || supply.contains(index) : magazines.names(mark, index);
  }

  @Override
  public boolean verify(List<String> findings) {
    lock.lock();
    try {
      Counts before = counts();
      boolean[] hinted = new boolean[capacity];
      magazines.verify(hinted, findings);
      supply.verify(findings);
      List<String> sums = new ArrayList<>();
      int used = verifyHints(index -> isHinted(index, hinted), sums);
      long off = before.allocations() - before.frees() - used;
      if (off != 0) {
        sums.add("allocations - frees differs by %d from the used blocks".formatted(off));
      }
      boolean quiescent = before.equals(counts());
      if (quiescent) {
        findings.addAll(sums);
      }
      return quiescent;
    } finally {
      lock.unlock();
    }
  }
}
