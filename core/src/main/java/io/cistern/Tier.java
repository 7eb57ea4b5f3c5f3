package io.cistern;

import io.cistern.internal.BlockPool;
import io.cistern.internal.Blocks;
import io.cistern.internal.ConfinedBlockPool;
import io.cistern.internal.QuarantinedBlocks;
import io.cistern.internal.SmallBlockPool;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * All blocks of one size: which are free is {@link Blocks}' business, where they lie is known here.
 */
final class Tier extends RegionBlocks {
  final Blocks blocks;
  final TierLayout.Slab slab;
  final Pressure pressure;
  final LongAdder failed = new LongAdder();
  final LongAdder spilledIn = new LongAdder();
  final LongAdder spilledOut = new LongAdder();

  private final TieredPool pool;
  final int number;
  private final MemorySegment region;
  private final long offset;
  private final long stride;

  /** All blocks as one buffer, to be sliced; null where they exceed what a buffer can hold. */
  private final @Nullable ByteBuffer buffer;

  Tier(
      TieredPool pool,
      int number,
      TierLayout.Slab slab,
      Pressure pressure,
      Runnable watch,
      CheckSettings checks) {
    super(pool);
    this.pool = pool;
    this.number = number;
    this.slab = slab;
    this.pressure = pressure;
    this.region = pool.region();
    this.offset = slab.offset();
    this.stride = slab.stride();
    this.buffer =
        slab.bytes() <= Integer.MAX_VALUE
            ? region.asSlice(offset, slab.bytes()).asByteBuffer()
            : null;
    this.blocks = blocks(slab.count(), pool.handles.firstHandle(number), watch, checks);
  }

  private Blocks blocks(int count, long firstHandle, Runnable watch, CheckSettings checks) {
    long seed = PoolIds.seed();
    if (checks.isChecked()) {
      return new QuarantinedBlocks(
          count,
          firstHandle,
          seed,
          watch,
          pool::serveWaiters,
          pool.owner,
          checks.quarantineBlocks());
    }
    if (pool.owner != null) {
      ConfinedBlockPool confined =
          new ConfinedBlockPool(count, firstHandle, seed, watch, pool.owner);
      if (!pool.events.isExact()) {
        confined.enterInto(pool.slots, number);
      }
      return confined;
    }
    return count <= SmallBlockPool.MAX_CAPACITY
        ? new SmallBlockPool(count, firstHandle, seed, watch, pool::serveWaiters)
        : new BlockPool(count, firstHandle, seed, watch, pool::serveWaiters, pool.slots, number);
  }

  /**
   * A block of this tier served a request that fits {@code fitting}: a spill, unless they are the
   * same.
   *
   * @param underLock whether listeners are to be told later
   */
  @SuppressWarnings("ReferenceEquality") // a tier equals itself alone
  void countSpillFrom(Tier fitting, int size, boolean underLock) {
    if (fitting != this) {
      fitting.spilledOut.increment();
      spilledIn.increment();
      pool.events.spilled(size, fitting.slab.blockSize(), slab.blockSize(), "", underLock);
    }
  }

  static long usedBytes(Tier[] tiers) {
    long used = 0;
    for (Tier tier : tiers) {
      used += (long) tier.blocks.used() * tier.slab.blockSize();
    }
    return used;
  }

  @Override
  long word(int index) {
    return blocks.word(index);
  }

  @Override
  int liveSize(int index, long word) {
    return Blocks.isSame(word, blocks.word(index)) ? blocks.size(index) : -1;
  }

  @Override
  long handle(int index, long word) {
    return blocks.handle(index, word);
  }

  long offset(int index) {
    return offset + index * stride;
  }

  @Override
  MemorySegment segment(int index, int size) {
    return region.asSlice(offset(index), size);
  }

  @Override
  ByteBuffer byteBuffer(int index, int size) {
    return buffer == null
        ? segment(index, size).asByteBuffer()
        : buffer.slice((int) (index * stride), size);
  }

  @Override
  void free(int index, long word) {
    pool.free(this, index, word);
  }

  @Override
  boolean freeAtOnce(int index, long word) {
    return pool.freeAtOnce(this, index, word);
  }

  @Override
  boolean tryFree(int index, long word) {
    return pool.tryFree(this, index, word);
  }

  @Override
  void finishFree(int index, long marked) {
    if (!tryFree(index, marked)) {
      endHold(index);
    }
  }

  @Override
  void checkThread() {
    blocks.checkThread();
  }

  @Override
  long beginRelease(int index, long word) {
    return blocks.beginRelease(index, word);
  }

  @Override
  boolean release(int index, long word) {
    return blocks.release(index, word);
  }

  @Override
  boolean swap(int index, long from, long to) {
    return blocks.swap(index, from, to);
  }

  @Override
  boolean hold(int index, long word) {
    blocks.holdPinned(index);
    boolean isLive = blocks.word(index) == word;
    if (!isLive) {
      endHold(index);
    }
    return isLive;
  }

  @Override
  boolean unhold(int index, long from, long to) {
    blocks.endHold(index);
    return blocks.swap(index, from, to);
  }

  @Override
  boolean isHeld(int index) {
    return blocks.isHeld(index);
  }

  @Override
  void endHold(int index) {
    pool.endHold(this, index);
  }

  @Override
  int size(int index) {
    return blocks.size(index);
  }

  @Override
  boolean lose(int index, long word) {
    return blocks.lose(index, word);
  }

  @Override
  int count() {
    return slab.count();
  }

  @Override
  MemorySegment memory() {
    return region;
  }

  @Override
  long position(int index) {
    return offset(index);
  }

  @Override
  long extent(int index) {
    return stride;
  }

  @Override
  long granted(int index) {
    return slab.blockSize();
  }

  @Override
  boolean tryResize(int index, long word, long newSize) {
    return pool.tryResize(this, index, word, newSize);
  }

  @Override
  String describe(int index, int generation) {
    return "block %d of %d B, generation %d, of pool '%s'"
        .formatted(index, slab.blockSize(), Integer.toUnsignedLong(generation), pool.name());
  }

  PoolStats.Tier stats() {
    Blocks.Counts counts = blocks.counts();
    int used = blocks.used();
    return new PoolStats.Tier(
        slab.blockSize(),
        slab.label(),
        slab.count(),
        slab.count() - used,
        used,
        blocks.peak(),
        counts.allocations(),
        counts.frees(),
        failed.sum(),
        spilledIn.sum(),
        spilledOut.sum(),
        counts.requestedBytes(),
        counts.allocations() * slab.blockSize(),
        pressure.peek((long) used * slab.blockSize(), (long) slab.count() * slab.blockSize()));
  }
}
