package io.cistern.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The fast path: a small stack of blocks that were free when they were pushed, of one thread, its
 * owner. An entry is the handle that the block's next allocation will have. It is a hint, never the
 * truth: others may claim what an entry names, which leaves it stale, and the owner skips it.
 *
 * <pre>
 * allocate ──► claim    entry on top; its word free, of this generation, with the mark? ──► word + 1, top - 1
 * free ──────► push     the word used, of this generation, with the mark? ──► entry, top + 1, word + 1
 * </pre>
 *
 * <p><b>Mark.</b> A block that the owner frees gets its mark ({@link Blocks}): from then on the
 * owner claims and releases it by plain stores, without an atomic. Other threads take marks away
 * where they must, by writing {@link #NEVER} over {@link #claimMark} or {@link #freeMark}:
 *
 * <pre>
 *   owner                              others, under the pool's lock
 *   busy = 1                           mark = NEVER
 *   mark still mine? plain stores      barrier in every thread ({@link Barrier})
 *   busy = 0                           wait for busy = 0
 * </pre>
 *
 * Either the owner was busy when the barrier came to it, and the others wait; or it was not, and
 * sees {@code NEVER} the next time. So the owner needs no fence. (The idea is that of biased
 * locking, and of Dice, Moir and Scherer's <i>Quickly reacquirable locks</i>, 2003.)
 *
 * <p>Counters are the owner's too ({@link MagazineState}), so that counting needs no atomic.
 */
public final class Magazine extends MagazineState {
  @SuppressWarnings("unused")
  private long q0, q1, q2, q3, q4, q5, q6;

  /** In place of a mark: no word has it. */
  static final long NEVER = -1;

  /** Where the next generation of a handle is not simply one more. */
  private static final int LAST_GENERATION = -1;

  /** Belongs to nobody, for ever: stands in empty slots of the table. */
  static final Magazine NOBODY = new Magazine(null, 0, -1, NEVER);

  /** The owner is busy for some nanoseconds, unless it was descheduled. */
  private static final long AWAIT_NANOS = 1_000;

  private static final VarHandle BUSY;
  private static final VarHandle CLAIM_MARK;
  private static final VarHandle FREE_MARK;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      BUSY = lookup.findVarHandle(MagazineState.class, "busy", int.class);
      CLAIM_MARK = lookup.findVarHandle(MagazineState.class, "claimMark", long.class);
      FREE_MARK = lookup.findVarHandle(MagazineState.class, "freeMark", long.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  Magazine(@Nullable Blocks blocks, int limit, long owner, long mark) {
    super(blocks, limit, owner);
    this.mark = mark;
  }

  /** Its number, in place in a word; {@link #NEVER} if it has none. */
  final long mark;

  /** Whether others release what its owner allocated; then the owner does so by compare-and-set. */
  volatile boolean sharesReleases;

  // --- by the owner, plain stores
  // -----------------------------------------------------------------

  /**
   * Claims the block on top if its word has the owner's mark.
   *
   * @param self the calling thread's id
   * @param note of the block's record, {@link Blocks#note}
   * @return its handle, or {@link Blocks#NONE}: then another path must be tried
   */
  public long claim(long self, long note) {
    return owner == self && top != 0 ? claim(note) : Blocks.NONE;
  }

  long claim(long note) {
    enter();
    long handle = entries[PAD - 1 + top];
    int at = Blocks.at(index(handle));
    long[] records = words;
    long word = records[at];
    if ((word & (Blocks.NAME | Blocks.MARK)) == (claimMark() | Blocks.freeName(handle))) {
      records[at + 1] = note;
      records[at] = word + 1;
      VarHandle.releaseFence();
      top--;
      allocations++;
      VarHandle.releaseFence();
      requested += (int) note;
    } else {
      handle = Blocks.NONE;
    }
    leave();
    return handle;
  }

  /**
   * Releases the block that a handle names if its word has the owner's mark.
   *
   * @param self the calling thread's id
   * @param index of the block, as the handle says
   * @param handle of its tier
   * @return false when nothing was changed: then another path must be tried
   */
  public boolean free(long self, int index, long handle) {
    int at = Blocks.at(index);
    long[] records = words;
    if (owner == self && Integer.compareUnsigned(at, records.length) < 0) {
      enter();
      long word = records[at];
      boolean released =
          (word & (Blocks.NAME | Blocks.MARK)) == (freeMark() | Blocks.usedName(handle))
              && (int) handle != LAST_GENERATION
              && push(handle + 1, records, at, word);
      leave();
      return released;
    }
    return false;
  }

  /**
   * Releases a block if its word has the owner's mark.
   *
   * @param self the calling thread's id
   * @param index of the block
   * @param word of its allocation
   * @return false when nothing was changed: then another path must be tried
   */
  public boolean release(long self, int index, long word) {
    return owner == self && release(index, word);
  }

  boolean release(int index, long word) {
    int at = Blocks.at(index);
    long[] records = words;
    enter();
    boolean released =
        (word & Blocks.MARK) == freeMark()
            && records[at] == word
            && push(Blocks.handle(firstHandle, index, word + 1), records, at, word);
    leave();
    return released;
  }

  private boolean push(long next, long[] records, int at, long word) {
    int position = top;
    if (position >= limit) {
      return false;
    }
    entries[PAD + position] = next;
    VarHandle.releaseFence();
    top++;
    VarHandle.releaseFence();
    records[at] = word + 1;
    VarHandle.releaseFence();
    frees++;
    return true;
  }

  /** Begins what may be a plain store into a word; to be followed by {@link #leave()}. */
  void enter() {
    BUSY.setOpaque(this, 1);
  }

  void leave() {
    BUSY.setRelease(this, 0);
  }

  /** After {@link #enter()}: the mark of free words that are the owner's. */
  long claimMark() {
    return (long) CLAIM_MARK.getOpaque(this);
  }

  /** After {@link #enter()}: the mark of used words that are the owner's. */
  private long freeMark() {
    return (long) FREE_MARK.getOpaque(this);
  }

  // --- the mark, under the pool's lock -----------------------------------------------------------

  /** Lets the owner write marked words by plain stores; under the pool's lock. */
  void arm(boolean releases) {
    claimMark = mark;
    freeMark = releases && !sharesReleases ? mark : NEVER;
  }

  /** The first step of taking the mark away; under the pool's lock. Whether it was there. */
  boolean disarm() {
    boolean releases = disarmReleases();
    return (long) CLAIM_MARK.getAndSet(this, NEVER) != NEVER || releases;
  }

  boolean disarmReleases() {
    return (long) FREE_MARK.getAndSet(this, NEVER) != NEVER;
  }

  /** The last step of taking the mark away, after the barrier. */
  void awaitNotBusy() {
    while ((int) BUSY.getAcquire(this) != 0 && !isOwnerDead()) {
      LockSupport.parkNanos(AWAIT_NANOS);
    }
  }

  boolean isArmed() {
    return (long) CLAIM_MARK.getAcquire(this) != NEVER;
  }
}
