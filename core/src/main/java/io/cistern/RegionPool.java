package io.cistern;

import io.cistern.internal.CoarseClock;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A pool over one region: a user's, or one of those of a {@link GovernedPool}. */
abstract sealed class RegionPool extends PoolBase permits TieredPool, VariablePool {
  /** Never the present tick. */
  static final int ALWAYS = -1;

  final OperationTime allocateTime = new OperationTime();
  final OperationTime freeTime = new OperationTime();

  /** What is done with blocks between two owners. */
  final BlockCare care;

  /** Who allocated; empty in a pool whose governor keeps that. */
  private final Suspects suspects;

  private final boolean governed;

  /** Whether every allocation is to take the slow path, and every free. */
  private final boolean alwaysClaimNoted;

  private final boolean alwaysFreeNoted;

  /** The tick for which an allocation, or a free, may take the fast path. */
  int allocateTick;

  int freeTick;

  /**
   * A pool without its region.
   *
   * @param everyCall whether the pool itself has something to do at each allocation and free
   */
  RegionPool(MemoryPool.Builder builder, long totalBytes, boolean everyCall) {
    super(builder, totalBytes);
    care = BlockCare.of(builder, events);
    governed = builder.governor != null;
    alwaysClaimNoted = everyCall || care.isOnAllocate();
    alwaysFreeNoted = everyCall || care.isOnFree();
    allocateTick = alwaysClaimNoted ? ALWAYS : 0;
    freeTick = alwaysFreeNoted ? ALWAYS : 0;
    int samples = governed ? 0 : builder.leakSamples;
    suspects = Suspects.of(samples, totalBytes, this::allocations);
    if (!governed) {
      events.whenTracked(this::leaveFastPath);
    }
  }

  @Override
  public final LeakReport report(Duration olderThan) {
    return suspects.report(name, olderThan, isClosed() ? 0 : stats().used());
  }

  /** Who made an allocation, if that is known. */
  final @Nullable AllocationTrace traceOf(RegionBlocks blocks, int index, long word) {
    return suspects.of(blocks, index, word);
  }

  // --- the slow path: the first call after a tick, and those of blocks that need care ---------

  /**
   * Ends an allocation on the slow path.
   *
   * @param handle may be NO_HANDLE
   * @param start of its time; 0 when that is not taken
   */
  final long claimed(long handle, long size, int tick, long start) {
    if (handle != NO_HANDLE) {
      care.claimed(source(handle), block(handle), (int) size);
    }
    allocateTime.recordSince(start);
    if (handle != NO_HANDLE) {
      note(source(handle), block(handle), tick);
    }
    allocateTick = alwaysClaimNoted || !suspects.isOver(tick) ? ALWAYS : tick;
    if (isOffFastPath()) {
      allocateTick = ALWAYS;
    }
    noteFigures(start);
    return handle;
  }

  /** The same for one that was waited for, whose block was claimed by another thread. */
  final void claimedFor(long handle, long size) {
    care.claimed(source(handle), block(handle), (int) size);
    note(source(handle), block(handle), CoarseClock.ticks());
  }

  /** Keeps who has made an allocation, for some, and counts it for whose work is counted. */
  private void note(RegionBlocks blocks, int index, int tick) {
    if (suspects.isDue(tick)) {
      events.sampled(suspects.sample(blocks, index, blocks.word(index), ""), blocks.granted(index));
    }
    if (isCounted()) {
      events.operations.allocated(Thread.currentThread(), blocks.granted(index));
    }
  }

  /** Frees an allocation on the slow path; false when the word is not its owner's. */
  final boolean freeNoted(RegionBlocks blocks, int index, long word) {
    blocks.checkThread();
    int tick = CoarseClock.ticks();
    long start = freeTime.start(tick);
    long granted = blocks.granted(index);
    boolean released =
        care.isOnFree() ? careAndRelease(blocks, index, word) : blocks.release(index, word);
    if (!released) {
      return false;
    }
    freeTime.recordSince(start);
    if (isCounted()) {
      events.operations.freed(Thread.currentThread(), granted);
    }
    freeTick = alwaysFreeNoted ? ALWAYS : tick;
    if (isOffFastPath()) {
      freeTick = ALWAYS;
    }
    noteFigures(start);
    return true;
  }

  /**
   * Looks at figures that are not looked at on every call.
   *
   * @param start not 0 once a tick
   */
  void noteFigures(long start) {}

  /** Takes a block from its owner, looks after it, and only then lets others have it. */
  private boolean careAndRelease(RegionBlocks blocks, int index, long word) {
    long marked = word < 0 ? word : blocks.beginRelease(index, word);
    if (marked == 0) {
      return false;
    }
    boolean cared = false;
    try {
      care.releasing(blocks, index, blocks.size(index));
      cared = true;
    } catch (IllegalStateException refused) {
      if (isClosed()) { // meanwhile, and the region is gone
        return false;
      }
      throw refused;
    } finally {
      if (!cared) {
        blocks.swap(index, marked, word);
      }
    }
    return blocks.release(index, marked);
  }

  /** Frees an allocation that was lent, or lets the memory of a closed region go. */
  final void takeBackSlow(RegionBlocks blocks, int index, long handle) {
    long word = blocks.word(index);
    if (!HandleFormat.names(handle, word) || !blocks.tryFree(index, word)) {
      blocks.endHold(index);
    }
  }

  /** Has every allocation and free take the slow path, until nobody's work is counted any more. */
  private void leaveFastPath() {
    allocateTick = ALWAYS;
    freeTick = ALWAYS;
  }

  /** Whether somebody's work is counted, and not by a governor. */
  private boolean isCounted() {
    return !governed && events.isTracked();
  }

  /**
   * Whether the fast path must not be taken: to be asked after the tick was set for which it may,
   * so that either this is seen, or the tick is reset by whoever begins to count.
   */
  private boolean isOffFastPath() {
    VarHandle.fullFence();
    return isCounted();
  }

  // --- for a governor -------------------------------------------------------------------------

  /**
   * Claims a block of exactly this tier: a handle, or NO_HANDLE when none is free, or the pool was
   * closed. Counts no failure.
   */
  final long claimFrom(int tier, long size, long alignment) {
    try {
      return claim(tier, size, alignment);
    } catch (IllegalStateException closed) {
      if (isClosed()) {
        return NO_HANDLE;
      }
      throw closed;
    }
  }

  abstract long claim(int tier, long size, long alignment);

  /**
   * Frees an allocation if that takes no more than the calling thread's magazine; false when
   * another way must be tried.
   */
  boolean freeAtOnce(long handle) {
    return false;
  }

  /** So far; cheaper than a snapshot. */
  abstract long allocations();

  /** What the pool takes and gives back. */
  abstract Region taken();

  final BlockCare care() {
    return care;
  }

  /** The blocks of a tier; of any size, if the pool has no tiers. */
  abstract RegionBlocks blocks(int tier);

  @Override
  abstract RegionBlocks source(long handle);

  abstract int tierOf(long handle);

  /** How many tiers there are; one in a pool of variable size. */
  abstract int tierCount();

  abstract long blockSize(int tier);

  /** Whether memory is in the region. */
  final boolean contains(MemorySegment segment) {
    long position = segment.isNative() ? segment.address() - region().address() : -1;
    return position >= 0 && position < region().byteSize();
  }

  /** The number of a handle's block among those of its tier. */
  abstract int block(long handle);

  /** The pool's number, which its handles carry. */
  abstract int id();

  /** Blocks of a tier that are used now. */
  abstract int used(int tier);

  /** Bytes in blocks of a tier that are used now. */
  abstract long usedBytes(int tier);

  /** Most blocks of a tier that can be live at once. */
  abstract int mostBlocks(int tier);

  /** Blocks freed so far in the tiers of a range; it stands still while nothing is freed. */
  abstract long releases(int firstTier, int lastTier);
}
