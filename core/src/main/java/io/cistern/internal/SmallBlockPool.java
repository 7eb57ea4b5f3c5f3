package io.cistern.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;

/**
 * Up to 64 blocks, found through one word of free bits: exact figures at every moment, no lock, no
 * magazine.
 *
 * <pre>
 *   claim     take the lowest bit  (compare-and-set on the bits), then the state word
 *   release   the state word, then put the bit back, then look for waiters
 * </pre>
 *
 * A bit is set once for each release and taken by exactly one claim, so the holder of a taken bit
 * is alone with the block and its state word is even. Invariants: {@code bits & ~all = 0}; {@code
 * used = capacity - bitCount(bits)}; when quiescent, bit i is set if and only if word i is even.
 * Since the words count transitions, they are the counters too: {@code allocations = sum((word -
 * first + 1) / 2)}, {@code frees = sum((word - first) / 2)}.
 */
public final class SmallBlockPool extends Blocks {
  /** Most blocks that one word of bits can hold. */
  public static final int MAX_CAPACITY = 64;

  private static final VarHandle BITS;
  private static final VarHandle PEAK;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      BITS = lookup.findVarHandle(SmallBlockPool.class, "bits", long.class);
      PEAK = lookup.findVarHandle(SmallBlockPool.class, "peak", int.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  private final long all;

  /**
   * Sum of the sizes that each block was ever asked for: its owner adds, so no atomic is needed.
   */
  private final long[] requested;

  private volatile long bits;
  private volatile int peak;
  private volatile boolean sealed;

  /**
   * All blocks free.
   *
   * @param capacity number of blocks, 1 to 64
   * @param firstHandle handle of block 0, without generation
   * @param seed first generation
   * @param watch told of every change
   * @param onWanted called by a release while somebody waits
   */
  public SmallBlockPool(
      int capacity, long firstHandle, long seed, Runnable watch, Runnable onWanted) {
    super(capacity, firstHandle, seed, watch, onWanted);
    this.all = -1L >>> (MAX_CAPACITY - capacity);
    this.bits = all;
    this.requested = new long[capacity];
  }

  @Override
  public long claim(int size, int tick) {
    return isWanted() ? NONE : claimSlow(size, tick);
  }

  @Override
  public long search(int size, int tick) {
    for (long seen = bits; seen != 0; seen = bits) {
      long rest = seen & (seen - 1);
      if (BITS.compareAndSet(this, seen, rest)) {
        int index = Long.numberOfTrailingZeros(seen);
        long handle = tryClaim(index, size, tick);
        if (handle != NONE) {
          requested[index] += size;
          raisePeak(capacity - Long.bitCount(rest));
          return handle;
        }
      }
    }
    return NONE;
  }

  @Override
  public boolean release(int index, long word) {
    if (!tryRelease(index, word, 0)) {
      return false;
    }
    BITS.getAndAdd(this, 1L << index); // the bit is clear, so this sets it
    if (isWanted()) {
      callWaiters();
    }
    observe();
    return true;
  }

  private void raisePeak(int used) {
    for (int seen = peak; used > seen && !PEAK.compareAndSet(this, seen, used); seen = peak) {
      Thread.onSpinWait();
    }
  }

  @Override
  public boolean seal() {
    sealed = true;
    sealed = BITS.compareAndSet(this, all, 0L);
    return sealed;
  }

  @Override
  public void unseal() {
    bits = all;
    sealed = false;
  }

  @Override
  public void retireNow(Retired live) {
    bits = 0;
    super.retireNow(live);
    bits = 0; // of releases that had moved their word before
  }

  @Override
  public int used() {
    long seen = bits;
    return seen == 0 && sealed ? owned() : capacity - Long.bitCount(seen);
  }

  private int owned() {
    int owned = 0;
    for (int index = 0; index < capacity; index++) {
      owned += isOwned(word(index)) ? 1 : 0;
    }
    return owned;
  }

  /** {@inheritDoc} Exact. */
  @Override
  public int peak() {
    return peak;
  }

  /**
   * {@inheritDoc} Sizes are read before words: a snapshot never shows more bytes requested than
   * granted.
   */
  @Override
  public Counts counts() {
    long bytes = 0;
    for (int index = 0; index < capacity; index++) {
      bytes += requested[index];
    }
    VarHandle.acquireFence();
    long allocations = 0;
    long frees = 0;
    for (int index = 0; index < capacity; index++) {
      long transitions = transitions(index);
      allocations += (transitions + 1) >>> 1;
      frees += transitions >>> 1;
    }
    return new Counts(allocations, frees, bytes);
  }

  private long transitions(int index) {
    return Blocks.generationOf(word(index)) - firstWord;
  }

  @Override
  public long releases() {
    long frees = 0;
    for (int index = 0; index < capacity; index++) {
      frees += transitions(index) >>> 1;
    }
    return frees;
  }

  @Override
  public long metadataBytes() {
    return 80 + arrayBytes() + 16 + 8L * capacity;
  }

  @Override
  public boolean verify(List<String> findings) {
    Counts before = counts();
    long seen = bits;
    long even = 0;
    for (int index = 0; index < capacity; index++) {
      even |= (~word(index) & 1) << index;
    }
    if ((seen & ~all) != 0) {
      findings.add(
          "free bits 0x%x name blocks beyond the last, %d".formatted(seen & ~all, capacity - 1));
    }
    boolean quiescent = before.equals(counts()) && seen == bits;
    for (long rest = quiescent ? seen ^ even : 0; rest != 0; rest &= rest - 1) {
      int index = Long.numberOfTrailingZeros(rest);
      boolean free = (even >>> index & 1) != 0;
      findings.add(
          "block %d is %s by its state word, but not by its bit"
              .formatted(index, free ? "free" : "used"));
    }
    return quiescent;
  }
}
