package io.cistern.internal;

import java.util.BitSet;
import java.util.List;

/**
 * Blocks for one thread alone: a {@link Magazine} that holds them all and keeps its mark for ever,
 * so that nothing is atomic. Any other thread that claims or releases gets a {@link
 * WrongThreadException}; figures may be read by all.
 *
 * <pre>
 * top + used = capacity
 * entries 0 … top - 1 are exactly the free blocks     so a claim cannot fail while top &gt; 0
 * an entry that was never popped is the first one     so the lowest top ever is found without being noted
 * </pre>
 */
public final class ConfinedBlockPool extends Blocks {
  private static final long ONLY_MARK = 1L << MARK_SHIFT;

  private final Thread owner;
  private final Magazine magazine;
  private boolean sealed;

  /**
   * All blocks free, the lowest on top.
   *
   * @param capacity number of blocks
   * @param firstHandle handle of block 0, without generation
   * @param seed first generation
   * @param watch told of every change that is made through this object
   * @param owner the only thread that may claim and release
   */
  public ConfinedBlockPool(
      int capacity, long firstHandle, long seed, Runnable watch, Thread owner) {
    super(capacity, firstHandle, seed, watch, () -> {});
    this.owner = owner;
    this.magazine = new Magazine(this, capacity, owner.threadId(), ONLY_MARK);
    for (int position = 0; position < capacity; position++) {
      int index = firstAt(position);
      words[at(index)] |= ONLY_MARK;
      magazine.setEntry(position, index, firstWord);
    }
    magazine.setTop(capacity);
    magazine.arm(true);
  }

  /** The block that an entry names at first. */
  private int firstAt(int position) {
    return capacity - 1 - position;
  }

  /**
   * The owner's way past this object, where nobody watches.
   *
   * @param slots gets the magazine
   * @param tier of these blocks
   */
  public void enterInto(Magazine[] slots, int tier) {
    slots[Magazines.slot(tier, owner.threadId())] = magazine;
  }

  @Override
  public long claim(int size, int tick) {
    checkThread();
    long handle = magazine.claim(note(size, tick));
    if (handle != NONE) {
      observe();
    }
    return handle;
  }

  @Override
  public boolean swap(int index, long from, long to) {
    checkThread();
    return super.swap(index, from, to);
  }

  @Override
  public long search(int size, int tick) {
    return claim(size, tick);
  }

  @Override
  public boolean release(int index, long word) {
    checkThread();
    if (words[at(index)] != word) {
      return false;
    }
    long used = word & Long.MAX_VALUE; // it may be marked as being freed
    words[at(index)] = used;
    magazine.release(index, used);
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
    sealed = magazine.topAcquire() == capacity;
    if (sealed) {
      magazine.setTop(0);
    }
    return sealed;
  }

  @Override
  public void unseal() {
    sealed = false;
    magazine.setTop(capacity);
  }

  @Override
  public void retireNow(Retired live) {
    magazine.setTop(0);
    super.retireNow(live);
  }

  @Override
  public int used() {
    return sealed ? 0 : capacity - magazine.topAcquire();
  }

  /** {@inheritDoc} Exact when nothing is claimed or released meanwhile. */
  @Override
  public int peak() {
    int low = 0;
    int high = sealed ? capacity : magazine.topAcquire();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (magazine.isFirst(middle, firstAt(middle), firstWord)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return capacity - low;
  }

  @Override
  public Counts counts() {
    long bytes = magazine.requested;
    long freed = magazine.freesAcquire();
    return new Counts(freed + used(), freed, bytes);
  }

  @Override
  public long releases() {
    return magazine.freesAcquire();
  }

  @Override
  public long metadataBytes() {
    return 64 + arrayBytes() + magazine.bytes();
  }

  @Override
  public boolean verify(List<String> findings) {
    Counts before = counts();
    BitSet free = new BitSet(capacity);
    int depth = magazine.topAcquire();
    for (int position = 0; position < depth; position++) {
      free.set(magazine.entry(position));
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
