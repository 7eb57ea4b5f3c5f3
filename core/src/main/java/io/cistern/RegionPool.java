package io.cistern;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.time.Duration;

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

  RegionPool(MemoryPool.Builder builder, long totalBytes) {
    super(builder, totalBytes);
    care = BlockCare.of(builder, events);
    governed = builder.governor != null;
    int samples = governed ? 0 : builder.leakSamples;
    suspects = Suspects.of(samples, totalBytes, this::allocations);
    if (!governed) {
      events.whenTracked(this::leaveFastPath);
    }
  }

  @Override
  public final LeakReport report(Duration olderThan) {
    return suspects.report(name, olderThan);
  }

  // --- what the slow path does besides
  // ------------------------------------------------------------

  /** Has every allocation and free take the slow path, until nobody's work is counted any more. */
  abstract void leaveFastPath();

  /** Keeps who has made an allocation, for some, and counts it for whose work is counted. */
  final void note(RegionBlocks blocks, int index, int tick) {
    if (suspects.isDue(tick)) {
      suspects.sample(blocks, index, blocks.word(index), "");
    }
    if (isCounted()) {
      events.operations.allocated(Thread.currentThread(), blocks.granted(index));
    }
  }

  /** Whether somebody's work is counted, and not by a governor. */
  final boolean isCounted() {
    return !governed && events.isTracked();
  }

  /** The tick for which the fast path will do, once an allocation has taken the slow one. */
  final int nextTick(int tick) {
    return suspects.isOver(tick) ? tick : ALWAYS;
  }

  /**
   * Whether the fast path must not be taken: to be asked after the tick was set for which it may,
   * so that either this is seen, or the tick is reset by whoever begins to count.
   */
  final boolean isOffFastPath() {
    VarHandle.fullFence();
    return isCounted();
  }

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

  /** So far; cheaper than a snapshot. */
  abstract long allocations();

  /** What the pool takes and gives back. */
  abstract Region taken();

  final BlockCare care() {
    return care;
  }

  /** Takes a block from its owner, looks after it, and only then lets others have it. */
  final boolean careAndRelease(RegionBlocks blocks, int index, long word) {
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
