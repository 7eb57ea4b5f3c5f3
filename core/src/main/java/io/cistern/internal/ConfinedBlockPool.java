package io.cistern.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.BitSet;
import java.util.List;

/**
 * Blocks for one thread alone: a stack of free indices, and state words that are written without
 * atomics. Any other thread that claims or releases gets a {@link WrongThreadException}; figures
 * may be read by all.
 *
 * <pre>
 * top + used = capacity
 * entries 0 … top - 1 are exactly the free blocks     so a claim cannot fail while top &gt; 0
 * </pre>
 */
public final class ConfinedBlockPool extends Blocks {
  private static final int RECORD_SHIFT = 1;
  private static final VarHandle TOP;
  private static final VarHandle FREES;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      TOP = lookup.findVarHandle(ConfinedBlockPool.class, "top", int.class);
      FREES = lookup.findVarHandle(ConfinedBlockPool.class, "frees", long.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  private final Thread owner;
  private final int[] stack;
  private int top;
  private int lowestTop;
  private long frees;
  private long requested;
  private boolean sealed;

  /**
   * All blocks free, the lowest on top.
   *
   * @param capacity number of blocks
   * @param seed first generation
   * @param watch told of every change
   * @param owner the only thread that may claim and release
   */
  public ConfinedBlockPool(int capacity, long seed, Runnable watch, Thread owner) {
    super(capacity, RECORD_SHIFT, seed, watch, () -> {});
    this.owner = owner;
    this.stack = new int[capacity];
    for (int position = 0; position < capacity; position++) {
      stack[position] = capacity - 1 - position;
    }
    this.top = capacity;
    this.lowestTop = capacity;
  }

  @Override
  public long claim(int size, int tick) {
    checkThread();
    int position = top - 1;
    if (position < 0) {
      return NONE;
    }
    int index = stack[position];
    int at = at(index);
    long word = words[at];
    WORDS.setRelease(words, at, word + 1);
    words[at + 1] = (long) tick << 32 | size;
    requested += size;
    if (position < lowestTop) {
      lowestTop = position;
    }
    TOP.setRelease(this, position);
    observe();
    return (long) index << 32 | word << 31 >>> 32;
  }

  @Override
  public long search(int size, int tick) {
    return claim(size, tick);
  }

  @Override
  public boolean release(int index, long word) {
    checkThread();
    int at = at(index);
    if (words[at] != word) {
      return false;
    }
    WORDS.setRelease(words, at, (word & Long.MAX_VALUE) + 1);
    stack[top] = index;
    TOP.setRelease(this, top + 1);
    FREES.setRelease(this, frees + 1);
    observe();
    return true;
  }

  /**
   * Throws unless the calling thread is the owner.
   *
   * @throws WrongThreadException with the names of both
   */
  @Override
  @SuppressWarnings("ReferenceEquality") // this very thread is meant
  public void checkThread() {
    if (Thread.currentThread() != owner) {
      throw wrongThread();
    }
  }

  @Override
  public void checkMayClose() {
    if (owner.isAlive()) {
      checkThread();
    }
  }

  private WrongThreadException wrongThread() {
    return new WrongThreadException(
        "the pool is confined to thread '%s', not '%s'"
            .formatted(owner.getName(), Thread.currentThread().getName()));
  }

  @Override
  public boolean seal() {
    sealed = top == capacity;
    if (sealed) {
      TOP.setRelease(this, 0);
    }
    return sealed;
  }

  @Override
  public void unseal() {
    sealed = false;
    TOP.setRelease(this, capacity);
  }

  @Override
  public void retireNow() {
    TOP.setRelease(this, 0);
    super.retireNow();
  }

  @Override
  public int used() {
    return sealed ? 0 : capacity - (int) TOP.getAcquire(this);
  }

  /** {@inheritDoc} Exact. */
  @Override
  public int peak() {
    return capacity - lowestTop;
  }

  @Override
  public Counts counts() {
    long freed = (long) FREES.getAcquire(this);
    return new Counts(freed + used(), freed, requested);
  }

  @Override
  public long metadataBytes() {
    return 64 + arrayBytes() + 16 + 4L * capacity;
  }

  @Override
  public boolean verify(List<String> findings) {
    Counts before = counts();
    BitSet free = new BitSet(capacity);
    int depth = (int) TOP.getAcquire(this);
    for (int position = 0; position < depth; position++) {
      free.set(stack[position]);
    }
    int wrong = 0;
    for (int index = 0; index < capacity; index++) {
      wrong += isFree(word(index)) == free.get(index) ? 0 : 1;
    }
    boolean quiescent = before.equals(counts());
    if (quiescent && wrong + depth - free.cardinality() != 0) {
      findings.add(
          "%d of %d blocks are free by their word and not on the stack, or the other way round"
              .formatted(wrong + depth - free.cardinality(), capacity));
    }
    return quiescent;
  }
}
