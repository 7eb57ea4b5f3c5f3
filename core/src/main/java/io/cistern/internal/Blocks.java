package io.cistern.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;

/**
 * The blocks of one tier as numbers from 0, and the truth about them: one 64-bit state word a
 * block.
 *
 * <pre>
 *   63  62         55 54                    1   0
 *  +---+-------------+-----------------------+------+
 *  | x |    mark     |  generation, 54 bits  | used |      free: even, used: odd, x: nobody's
 *  +---+-------------+-----------------------+------+
 *   claim    2g     ->  2g + 1      by the allocator
 *   release  2g + 1 ->  2g + 2      by the owner
 * </pre>
 *
 * Below the mark a word only ever counts up, by one at each transition, so it names one allocation
 * for ever (2<sup>54</sup> reuses of one block take years): a release that expects an older word
 * changes nothing, whatever happened since. Every structure that helps to find a free block is a
 * hint and is checked against the word by the claim itself. Therefore no interleaving gives a block
 * to two owners, and every double, stale or forged release is seen.
 *
 * <p><b>Who may write a word.</b> A word without a mark is written by compare-and-set, by anybody.
 * A word with a mark belongs to the {@link Magazine} of that number: its owner alone writes it, by
 * plain stores, until the mark was {@linkplain Magazines revoked}.
 *
 * <p>A block's record is two longs side by side, so that an allocation touches one cache line:
 *
 * <pre>
 *   +0  state word
 *   +1  requested size (low 31 bits), held (bit 31), tick of allocation (high 32 bits); written by the owner, once claimed
 * </pre>
 *
 * The first record lies 128 bytes behind the array's header: the header holds the length, which
 * every access reads, and must not share a line with a word that another thread writes.
 */
public abstract sealed class Blocks
    permits BlockPool, SmallBlockPool, ConfinedBlockPool, QuarantinedBlocks {
  /** No block. */
  public static final long NONE = 0;

  static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

  /**
   * Sign bit of a word: being freed, or retired. Such a word is odd, so the block is not free, and
   * it is nobody's.
   */
  private static final long UNOWNED = Long.MIN_VALUE;

  /** The bits of a word's mark. */
  static final long MARK = 0xFFL << 55;

  /** Where a mark stands in a word. */
  static final int MARK_SHIFT = 55;

  /** In the second half of a record, beside the size. */
  private static final long HELD = 1L << 31;

  private static final int MAX_SIZE = Integer.MAX_VALUE;

  /** What a handle knows of a word: the low half of its generation, and that it has an owner. */
  static final long NAME = UNOWNED | 0x1_FFFF_FFFFL;

  private static final int PAD = 16;
  private static final int TAIL = 8;

  /**
   * Cumulative figures.
   *
   * @param allocations successful claims
   * @param frees releases
   * @param requestedBytes sum of the sizes asked for
   */
  public record Counts(long allocations, long frees, long requestedBytes) {}

  final int capacity;
  final long firstHandle;
  final long firstWord;
  final long[] words;

  /** Told, outside of all locks, after use may have changed. */
  private final Runnable watch;

  /** Called by a release while somebody waits. */
  private final Runnable onWanted;

  private volatile boolean wanted;

  Blocks(int capacity, long firstHandle, long seed, Runnable watch, Runnable onWanted) {
    this.capacity = capacity;
    this.firstHandle = firstHandle;
    this.firstWord = seed << 1;
    this.watch = watch;
    this.onWanted = onWanted;
    this.words = new long[PAD + 2 * capacity + TAIL];
    for (int index = 0; index < capacity; index++) {
      words[at(index)] = firstWord;
    }
  }

  /**
   * Throws where only one thread may claim and release, and the calling one is another.
   *
   * @throws WrongThreadException with the names of both
   */
  public void checkThread() {}

  /**
   * As {@link #checkThread}, but lets everybody pass once that thread is dead.
   *
   * @throws WrongThreadException with the names of both
   */
  public void checkMayClose() {}

  /**
   * Claims a free block on the fast path. May find none although there is one: then {@link
   * #claimSlow} decides.
   *
   * @param size bytes asked for
   * @param tick time, of {@link CoarseClock#ticks()}
   * @return its handle, or {@link #NONE}
   */
  public abstract long claim(int size, int tick);

  /**
   * Claims a free block wherever it is, and tells the watch.
   *
   * @param size bytes asked for
   * @param tick time, of {@link CoarseClock#ticks()}
   * @return its handle, or {@link #NONE} only if at some moment during the call no block was free
   */
  public final long claimSlow(int size, int tick) {
    long claim = search(size, tick);
    if (claim != NONE) {
      observe();
    }
    return claim;
  }

  /**
   * As {@link #claimSlow}, but leaves it to the caller to {@link #observe}: for callers that hold a
   * lock.
   *
   * @param size bytes asked for
   * @param tick time, of {@link CoarseClock#ticks()}
   * @return its handle, or {@link #NONE} only if at some moment during the call no block was free
   */
  public abstract long search(int size, int tick);

  /** Tells the watch that use may have changed. Not to be called under a lock. */
  public void observe() {
    watch.run();
  }

  /**
   * Whether a handle names a live allocation.
   *
   * @param index of the block, as the handle says; any value from 0 to 2<sup>24</sup>
   * @param handle of this tier
   * @return true if the block is used, in that generation
   */
  public final boolean isLive(int index, long handle) {
    int at = at(index);
    return isRecord(at) && names(handle, (long) WORDS.getAcquire(words, at));
  }

  /**
   * Gives back the block that a handle names, if it names a live allocation.
   *
   * @param index of the block, as the handle says; any value from 0 to 2<sup>24</sup>
   * @param handle of this tier
   * @return false when it names none; then nothing was changed
   */
  public final boolean free(int index, long handle) {
    int at = at(index);
    if (isRecord(at)) {
      long word = words[at];
      return names(handle, word) && release(index, word);
    }
    return false;
  }

  /** One unsigned comparison, which the access that follows then does not repeat. */
  private boolean isRecord(int at) {
    return Integer.compareUnsigned(at, words.length) < 0;
  }

  private static boolean names(long handle, long word) {
    return (word & NAME) == usedName(handle);
  }

  /** The bits {@link #NAME} of the word of a handle's allocation. */
  static long usedName(long handle) {
    return freeName(handle) | 1;
  }

  /** The bits {@link #NAME} of the free word that a handle's allocation claims. */
  static long freeName(long handle) {
    return (handle & 0xFFFF_FFFFL) << 1;
  }

  static long handle(long firstHandle, int index, long word) {
    return firstHandle + ((long) index << 32 | word << 31 >>> 32);
  }

  /**
   * Gives a block back, if it is still in the given state.
   *
   * @param index of the block
   * @param word what its state word must be: its owner's, or that {@linkplain #beginRelease marked}
   * @return false when the word is another one; then nothing was changed
   */
  public abstract boolean release(int index, long word);

  /**
   * Makes every block unclaimable, provided that all are free.
   *
   * @return false when a block is used; then nothing was changed
   */
  public abstract boolean seal();

  /** Undoes a {@link #seal()} that succeeded. */
  public abstract void unseal();

  /** Retires every block, used or not: owners can neither release it nor is it handed out again. */
  public final void retireNow() {
    retireNow((index, word) -> {});
  }

  /** Hears of retired blocks. */
  public interface Retired {
    /**
     * A block was retired that had an owner, or was being freed.
     *
     * @param index of the block
     * @param word that it had
     */
    void retired(int index, long word);
  }

  /**
   * Retires every block, and names those that were not free; never one whose release succeeds.
   *
   * @param live told of each block that had an owner or was being freed, unless all are sealed
   */
  public void retireNow(Retired live) {
    for (int index = 0; index < capacity; index++) {
      long word = retire(index);
      if (!isFree(word)) {
        live.retired(index, word);
      }
    }
  }

  /**
   * Makes a used block nobody's, until the pool is closed, since its memory may still be in use
   * though nobody will free it. It still counts as used.
   *
   * @param index of the block
   * @param word of its allocation
   * @return false when that is not live, or such blocks are not kept apart here
   */
  public boolean lose(int index, long word) {
    return false;
  }

  /**
   * Tells of the free blocks that are kept back, so that they are handed out as late as possible.
   *
   * @param each gets the index of each, and should return quickly
   */
  public void forEachQuarantined(IntConsumer each) {}

  /**
   * Blocks that {@link #lose} has taken.
   *
   * @return how many of the used blocks
   */
  public int lost() {
    return 0;
  }

  /**
   * Blocks that are used now.
   *
   * @return exact when nothing is claimed or released meanwhile, else of some moment near
   */
  public abstract int used();

  /**
   * Most blocks used at once.
   *
   * @return the peak, with the error that the subclass states
   */
  public abstract int peak();

  /**
   * Cumulative figures, read without a lock.
   *
   * @return exact when nothing is claimed or released meanwhile
   */
  public abstract Counts counts();

  /**
   * Java heap taken by this object and what it holds.
   *
   * @return bytes
   */
  public abstract long metadataBytes();

  /**
   * Walks everything.
   *
   * @param findings gets a line for each thing that is wrong
   * @return whether nothing was claimed or released during the walk; if not, only what holds at
   *     every moment was checked
   */
  public abstract boolean verify(List<String> findings);

  /**
   * How many blocks there are.
   *
   * @return the number of blocks, free and used
   */
  public final int capacity() {
    return capacity;
  }

  /**
   * A block's state word.
   *
   * @param index of the block
   * @return the word; its owner reads the value that its claim wrote
   */
  public final long word(int index) {
    return (long) WORDS.getAcquire(words, at(index));
  }

  /**
   * What was asked for by a block's present owner.
   *
   * @param index of a used block
   * @return bytes
   */
  public final int size(int index) {
    return (int) words[at(index) + 1] & MAX_SIZE;
  }

  /**
   * Notes that a block's memory is used by others than its owner, until it is allocated again: so
   * it must outlive the pool, should that be closed with the block live. To be called by the owner,
   * before he asks for the block's {@link #word}: if that still is his, {@link #isHeld} will tell
   * whoever closes the pool.
   *
   * @param index of a used block
   */
  public final void hold(int index) {
    int at = at(index) + 1;
    WORDS.setOpaque(words, at, words[at] | HELD);
    if (!Barrier.isSupported()) {
      VarHandle.fullFence();
    }
  }

  /**
   * As {@link #hold}, of a block that is pinned, by any thread.
   *
   * @param index of the block
   */
  public final void holdPinned(int index) {
    WORDS.getAndBitwiseOr(words, at(index) + 1, HELD);
  }

  /**
   * Undoes {@link #hold}, by the owner.
   *
   * @param index of the block
   */
  public final void endOwnHold(int index) {
    int at = at(index) + 1;
    WORDS.setOpaque(words, at, words[at] & ~HELD);
  }

  /**
   * Undoes {@link #holdPinned}.
   *
   * @param index of the block
   */
  public final void endHold(int index) {
    WORDS.getAndBitwiseAnd(words, at(index) + 1, ~HELD);
  }

  /**
   * Whether a block is held, to be asked by whoever has retired it, after {@link #awaitHolders}.
   *
   * @param index of a block that was used when it was retired
   * @return whether its last owner has called {@link #hold}
   */
  public final boolean isHeld(int index) {
    return ((long) WORDS.getOpaque(words, at(index) + 1) & HELD) != 0;
  }

  /** Returns when every {@link #hold} that has begun can be seen, or sees that it came too late. */
  public static void awaitHolders() {
    if (Barrier.isSupported()) {
      Barrier.run();
    } else {
      VarHandle.fullFence();
    }
  }

  /**
   * Notes that the owner of a block wants another size; to be called by the owner.
   *
   * @param index of a used block
   * @param size bytes asked for now
   */
  public final void resize(int index, int size) {
    int at = at(index) + 1;
    long before;
    do { // others may hold it meanwhile
      before = (long) WORDS.getVolatile(words, at);
    } while (!WORDS.compareAndSet(words, at, before, note(size, tick(index)) | (before & HELD)));
  }

  /**
   * When a block was allocated by its present owner.
   *
   * @param index of a used block
   * @return tick of {@link CoarseClock}
   */
  public final int tick(int index) {
    return (int) (words[at(index) + 1] >>> 32);
  }

  /**
   * Whether a word says that its block has an owner.
   *
   * @param word a state word
   * @return false for the words of free blocks, and of blocks being freed or retired
   */
  public static boolean isOwned(long word) {
    return (word & (UNOWNED | 1)) == 1;
  }

  /**
   * Whether two words are of one live allocation: they may differ in their marks.
   *
   * @param word of an allocation
   * @param current the block's present word
   * @return true while the allocation is live
   */
  public static boolean isSame(long word, long current) {
    return ((word ^ current) & ~MARK) == 0;
  }

  /**
   * The word of a block that its owner cannot release for the time being, since others use it.
   *
   * @param word of its allocation
   * @return the word to put in its place, by {@link #swap}
   */
  public static long pinned(long word) {
    return word | MARK;
  }

  /**
   * Whether a word says that its block is pinned.
   *
   * @param word a state word
   * @return true for what {@link #pinned} returns
   */
  public static boolean isPinned(long word) {
    return (word & MARK) == MARK;
  }

  /** A word without what it says of the present moment: it grows by one with each change. */
  static long generationOf(long word) {
    return word & ~(UNOWNED | MARK);
  }

  /** Whether a word says that its block can be claimed. */
  static boolean isFree(long word) {
    return (word & 1) == 0;
  }

  /**
   * The generation that a handle carries.
   *
   * @param word a state word
   * @return its low 32 bits of generation
   */
  public static int generation(long word) {
    return (int) (word >>> 1);
  }

  /**
   * The word of a block just after the allocation with the given word was released.
   *
   * @param word of the allocation
   * @param current the block's present word
   * @return true if the block has not been claimed since
   */
  public static boolean isReleased(long word, long current) {
    return (current & ~MARK) == (word & ~MARK) + 1 || isSame(word | UNOWNED, current);
  }

  /**
   * The word of a block once the allocation with the given word is released.
   *
   * @param word of the allocation, or that {@linkplain #beingReleased marked}
   * @return the word of the free block
   */
  public static long released(long word) {
    return (word & ~(UNOWNED | MARK)) + 1;
  }

  /**
   * The word of a block that is no longer its owner's and not yet anybody else's.
   *
   * @param word of the allocation
   * @return the word to put in its place
   */
  public static long beingReleased(long word) {
    return word | UNOWNED;
  }

  /**
   * The word of a block that is nobody's for ever, with a generation that was never handed out.
   *
   * @param word that it has
   * @return the word to put in its place
   */
  public static long retired(long word) {
    return ((word | 1) + 2) | UNOWNED;
  }

  /**
   * Marks a block as being freed: it is no longer its owner's and not yet anybody else's.
   *
   * @param index of the block
   * @param word its owner's
   * @return the marked word, to be given to {@link #release}; 0 when the word is another one
   */
  public long beginRelease(int index, long word) {
    long marked = beingReleased(word);
    return isOwned(word) && WORDS.compareAndSet(words, at(index), word, marked) ? marked : 0;
  }

  /**
   * Gives a used block another word, of the same allocation.
   *
   * @param index of the block
   * @param from what its word must be
   * @param to what it is to be
   * @return false when the word is another one; then nothing was changed
   */
  public boolean swap(int index, long from, long to) {
    return WORDS.compareAndSet(words, at(index), from, to);
  }

  /**
   * Says whether anybody waits for a block. Ordered before any claim that follows it.
   *
   * @param value whether a release should call the waiters
   */
  public void setWanted(boolean value) {
    wanted = value;
  }

  /**
   * Whether somebody waits for a block; a release asks after its block is free.
   *
   * @return what {@link #setWanted} said last
   */
  public final boolean isWanted() {
    return wanted;
  }

  /** Slow path of a release that somebody waits for. */
  final void callWaiters() {
    onWanted.run();
  }

  /**
   * Releases so far. If it stands still over a search of several tiers, they were all exhausted at
   * some moment.
   *
   * @return a count that only grows
   */
  public abstract long releases();

  static int at(int index) {
    return (index << 1) + PAD;
  }

  /**
   * The handle of an allocation.
   *
   * @param index of the block
   * @param word of the allocation, or that of the free block which it claims
   * @return the handle
   */
  public final long handle(int index, long word) {
    return handle(firstHandle, index, word);
  }

  /**
   * The second half of a record.
   *
   * @param size bytes asked for, more than 0
   * @param tick time, of {@link CoarseClock#ticks()}
   * @return the note
   */
  public static long note(long size, int tick) {
    return (long) tick << 32 | size;
  }

  /**
   * Claims a block whose word has no mark: on success the caller owns the block and its record,
   * else NONE.
   */
  final long tryClaim(int index, int size, int tick) {
    int at = at(index);
    long word = words[at];
    if ((word & (MARK | 1)) == 0 && WORDS.compareAndSet(words, at, word, word + 1)) {
      words[at + 1] = note(size, tick);
      return handle(index, word);
    }
    return NONE;
  }

  /** Releases by compare-and-set; the free word gets the given mark. */
  final boolean tryRelease(int index, long word, long mark) {
    return WORDS.compareAndSet(words, at(index), word, released(word) | mark);
  }

  /** Gives the word of a free block a mark in place of another; false when it is another one. */
  final boolean tryMark(int index, long from, long to) {
    int at = at(index);
    long word = words[at];
    return (word & (MARK | 1)) == from && WORDS.compareAndSet(words, at, word, (word & ~MARK) | to);
  }

  /** Makes free blocks unclaimable, from the first up to one that is not free; returns how many. */
  final int sealFree() {
    int index = 0;
    while (index < capacity) {
      long word = word(index);
      if (!isFree(word) || !WORDS.compareAndSet(words, at(index), word, word | UNOWNED | 1)) {
        break;
      }
      index++;
    }
    return index;
  }

  /** Gives a sealed block the word that it had: nobody can have changed it since. */
  final void unseal(int index) {
    WORDS.setRelease(words, at(index), word(index) & ~(UNOWNED | 1));
  }

  /**
   * Makes a block nobody's for ever, with a generation that was never handed out; returns the word
   * that it had.
   */
  final long retire(int index) {
    long word;
    do {
      word = word(index);
    } while (!WORDS.compareAndSet(words, at(index), word, retired(word)));
    return word;
  }

  /** How many blocks are not free; a finding for each free block to which no hint leads. */
  final int verifyHints(IntPredicate isHinted, List<String> findings) {
    int used = 0;
    for (int index = 0; index < capacity; index++) {
      if (!isFree(word(index))) {
        used++;
      } else if (!isHinted.test(index)) {
        findings.add("block %d is free and no hint leads to it".formatted(index));
      }
    }
    return used;
  }

  final long arrayBytes() {
    return 16 + 8L * words.length;
  }
}
