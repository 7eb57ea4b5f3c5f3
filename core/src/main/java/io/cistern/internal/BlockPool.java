package io.cistern.internal;

import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * More than 64 blocks, shared by all threads. The state words ({@link Blocks}) are the truth;
 * everything here only helps to find a free block without looking at many.
 *
 * <p><b>Idea.</b> A thread keeps the indices of blocks that it freed in a {@link Magazine} of its
 * own and takes them from there, the last one first: two compare-and-sets on a line that stays in
 * its cache make a pair. What does not fit in magazines is in the {@link Depot}, under a lock that
 * is taken once for half a magazine. Magazines are an idea of Bonwick and Adams (2001); that others
 * may claim what a magazine names, without its owner's help, is what keeps capacity a promise.
 *
 * <pre>
 * claim ──► own magazine: top entry ──► state word                  no lock, one compare-and-set
 *   └─► search ──► own or leased magazine, all entries            no lock
 *         └─► lock ──► refill from the depot ──► steal ──► refuse    bounded by the magazines, not by the blocks
 * release ──► own magazine: push ──► state word ──► attention?        no lock, one compare-and-set
 *   └─► releaseSlow ──► flush half of a full magazine, or leased magazine, or depot
 * </pre>
 *
 * <p><b>Invariants.</b>
 *
 * <pre>
 * allocations - frees = used        summed over the magazines, when quiescent
 * a free block has a hint           in a magazine or in the depot, except while its release has not returned
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
 * attention   read after the word, both volatile     a waiter finds the block, or is called
 * </pre>
 *
 * <p><b>Refusal</b> is exact. Under the lock no hint moves between magazines and depot; the depot
 * is empty and all magazines are searched; if no release completed meanwhile, every block was found
 * used, so at the end of the search none was free. It stays so until a release completes, so the
 * next refusals need not search.
 */
public final class BlockPool extends Blocks {
  private static final int RECORD_SHIFT = 1;
  private static final int MIN_MAGAZINE = 4;
  private static final int MAX_MAGAZINE = 64;
  private static final long NEVER = -1;

  private final Magazines magazines;
  private final ReentrantLock lock = new ReentrantLock();
  private final Depot depot;
  private final AtomicInteger peak = new AtomicInteger();

  /** Completed releases at the last refusal: until there is another one, nothing is free. */
  private volatile long exhaustedSince = NEVER;

  /**
   * All blocks free, in the depot.
   *
   * @param capacity number of blocks, more than 0
   * @param seed first generation
   * @param watch told when a magazine was refilled or flushed
   * @param onWanted called by a release while somebody waits
   */
  public BlockPool(int capacity, long seed, Runnable watch, Runnable onWanted) {
    super(capacity, RECORD_SHIFT, seed, watch, onWanted);
    int limit = Math.clamp(Integer.highestOneBit(capacity / 16), MIN_MAGAZINE, MAX_MAGAZINE);
    this.magazines = new Magazines(limit);
    this.depot = new Depot(capacity);
  }

  // --- claim ---

  @Override
  public long claim(int size, int tick) {
    long self = Thread.currentThread().threadId();
    Magazine magazine = magazines.candidate(self);
    int top = magazine.top - 1;
    if (magazine.owner == self && top >= 0) {
      long claim = tryClaim(magazine.entry(top), size, tick);
      if (claim != NONE) {
        magazine.setTop(top);
        magazine.countAllocation(size);
        return claim;
      }
    }
    return NONE;
  }

  @Override
  public long search(int size, int tick) {
    if (exhaustedSince == magazines.frees() && !needsAttention()) {
      return NONE;
    }
    Thread self = Thread.currentThread();
    Magazine magazine = magazines.ownOrLease(self);
    try {
      long claim = magazine == null ? NONE : pop(magazine, size, tick);
      return claim != NONE ? claim : claimLocked(self, magazine, size, tick);
    } finally {
      Magazines.endLease(magazine);
    }
  }

  /** Takes the first entry that is still free; drops those that are not. */
  private long pop(Magazine magazine, int size, int tick) {
    for (int top = magazine.top - 1; top >= 0; top--) {
      long claim = tryClaim(magazine.entry(top), size, tick);
      magazine.setTop(top);
      if (claim != NONE) {
        magazine.countAllocation(size);
        return claim;
      }
    }
    return NONE;
  }

  private long claimLocked(Thread self, @Nullable Magazine present, int size, int tick) {
    lock.lock();
    try {
      Magazine adopted = present == null || present.isShared() ? magazines.adopt(self) : null;
      Magazine magazine = adopted == null ? present : adopted;
      long claim =
          magazine == null ? takeFromDepot(size, tick) : refillAndPop(magazine, size, tick);
      if (claim == NONE) {
        claim = stealOrRefuse(magazine == null ? magazines.direct : magazine, size, tick);
      }
      return claim;
    } finally {
      lock.unlock();
    }
  }

  private long takeFromDepot(int size, int tick) {
    while (!depot.isEmpty()) {
      long claim = tryClaim(depot.takeLowest(), size, tick);
      if (claim != NONE) {
        magazines.direct.countAllocation(size);
        return claim;
      }
    }
    return NONE;
  }

  private long refillAndPop(Magazine magazine, int size, int tick) {
    long claim = pop(magazine, size, tick);
    while (claim == NONE && !depot.isEmpty()) {
      refill(magazine);
      claim = pop(magazine, size, tick);
    }
    return claim;
  }

  /** Moves the lowest indices of the depot to an empty magazine, the lowest on top. */
  private void refill(Magazine magazine) {
    int count = Math.min(magazine.limit / 2, depot.size());
    for (int position = count - 1; position >= 0; position--) {
      magazine.setEntry(position, depot.takeLowest());
    }
    magazine.setTop(count);
  }

  /** The depot is empty: looks into every magazine until it finds a free block or can refuse. */
  private long stealOrRefuse(Magazine thief, int size, int tick) {
    VarHandle.fullFence(); // a waiter has said so before it looks here
    long completed;
    do {
      completed = magazines.frees();
      VarHandle.acquireFence();
      for (Magazine magazine : magazines.all()) {
        for (int position = magazine.topAcquire() - 1; position >= 0; position--) {
          long claim = tryClaim(magazine.entry(position), size, tick);
          if (claim != NONE) {
            thief.countAllocation(size);
            return claim;
          }
        }
      }
      VarHandle.acquireFence();
    } while (completed != magazines.frees());
    exhaustedSince = completed;
    return NONE;
  }

  // --- release ---

  @Override
  public boolean release(int index, long word) {
    long self = Thread.currentThread().threadId();
    Magazine magazine = magazines.candidate(self);
    if (magazine.owner == self && magazine.top < magazine.limit) {
      return push(magazine, index, word);
    }
    return releaseSlow(index, word);
  }

  private boolean push(Magazine magazine, int index, long word) {
    int top = magazine.top;
    magazine.setEntry(top, index);
    magazine.setTop(top + 1);
    if (!tryRelease(index, word)) {
      magazine.setTop(top);
      return false;
    }
    magazine.countFree();
    if (needsAttention()) {
      attend();
    }
    return true;
  }

  private boolean releaseSlow(int index, long word) {
    Magazine magazine = magazines.ownOrLease(Thread.currentThread());
    try {
      if (magazine == null) {
        return releaseToDepot(index, word);
      }
      if (magazine.top == magazine.limit) {
        flush(magazine);
      }
      return push(magazine, index, word);
    } finally {
      Magazines.endLease(magazine);
      observe();
    }
  }

  private boolean releaseToDepot(int index, long word) {
    lock.lock();
    try {
      if (!tryRelease(index, word)) {
        return false;
      }
      depot.add(index);
      magazines.direct.countFree();
    } finally {
      lock.unlock();
    }
    if (needsAttention()) {
      attend();
    }
    return true;
  }

  /** Moves the older half of a magazine to the depot. */
  private void flush(Magazine magazine) {
    lock.lock();
    try {
      int top = magazine.top;
      int half = top / 2;
      for (int position = 0; position < half; position++) {
        depot.add(magazine.entry(position));
      }
      for (int position = half; position < top; position++) {
        magazine.setEntry(position - half, magazine.entry(position));
      }
      magazine.setTop(top - half);
    } finally {
      lock.unlock();
    }
  }

  // --- figures ---

  @Override
  public Counts counts() {
    return magazines.counts();
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
    return 128 + arrayBytes() + depot.bytes() + magazines.bytes();
  }

  // --- close and verify ---

  @Override
  public boolean seal() {
    lock.lock();
    try {
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
      depot.add(index);
    }
    exhaustedSince = NEVER;
  }

  @Override
  public boolean verify(List<String> findings) {
    lock.lock();
    try {
      Counts before = counts();
      boolean[] hinted = new boolean[capacity];
      magazines.verify(hinted, findings);
      depot.verify(findings);
      List<String> sums = new ArrayList<>();
      int used = verifyHints(index -> hinted[index] || depot.contains(index), sums);
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
