package io.cistern;

import io.cistern.internal.Blocks;
import java.lang.foreign.MemorySegment;

/** The blocks of a {@link RegionPool}: those of one tier, or those of any size. */
abstract sealed class RegionBlocks extends BlockSource permits Tier, VariableBlocks {
  /** Hears of blocks that had an owner when the pool was closed under it. */
  interface Retired {
    void retired(int index, int generation);
  }

  private final PoolBase pool;
  private final Pins pins = new Pins(this);
  private volatile Retired whenRetired = (index, generation) -> {};

  RegionBlocks(PoolBase pool) {
    super(pool);
    this.pool = pool;
  }

  /**
   * Frees the allocation that the word names; false when it is not live, and nothing is changed.
   */
  abstract boolean tryFree(int index, long word);

  /** As {@link RegionPool#freeAtOnce}, of the allocation that the word names. */
  boolean freeAtOnce(int index, long word) {
    return false;
  }

  /** Bytes that the owner of a live block has taken: at least those that it asked for. */
  abstract long granted(int index);

  /** How many blocks there are, or were at once. */
  abstract int count();

  /** All memory of the region. */
  abstract MemorySegment memory();

  /** Where a block starts in it. */
  abstract long position(int index);

  /** Bytes from there on that are nobody else's: the block's, and a red zone's. */
  abstract long extent(int index);

  /** Throws where one thread alone may use the pool, and the calling one is another. */
  abstract void checkThread();

  final void checkMayUnpin() {
    if (!pool.isClosed()) {
      checkThread();
    }
  }

  /** The block's word while it is looked after; 0 when the given one is not its owner's. */
  abstract long beginRelease(int index, long word);

  /** Gives a block back, if it still has that word; false when it has another one. */
  abstract boolean release(int index, long word);

  /** Gives a used block another word, of the same allocation; false when its word is not that. */
  abstract boolean swap(int index, long from, long to);

  /**
   * Notes that a block's memory is used by others than its owner; false when the pool was closed
   * under it.
   *
   * @param word that the block has
   */
  abstract boolean hold(int index, long word);

  /**
   * Gives a block its word back, and notes that its memory is used by nobody but its owner; false
   * when the pool was closed under it.
   */
  abstract boolean unhold(int index, long from, long to);

  /** Whether a block's memory is used by others than its owner. */
  abstract boolean isHeld(int index);

  /** Whether a live block is an arena's, which alone may free it. */
  final boolean isLent(int index) {
    return isHeld(index) && pins.isLent(index);
  }

  @Override
  final boolean isPinned(int index, long word) {
    long now = word(index);
    return Blocks.isSame(word, now) && Blocks.isPinned(now);
  }

  /** The memory of a block that was held when the pool was closed is not used any more. */
  abstract void endHold(int index);

  @Override
  final boolean pin(int index, long word) {
    return pins.pin(index, word);
  }

  @Override
  final void unpin(int index) {
    pins.unpin(index);
  }

  /** Puts a free of a pinned block off, or throws what is wrong with a free. */
  final void deferOrRefuse(int index, long word, BlockSource through) {
    int count = pins.defer(index, word, through);
    long now = word(index);
    if (count == 0 && Blocks.isSame(word, now)) {
      through.free(index, now); // it was unpinned meanwhile
    } else if (count == 0) {
      through.refuseFree(index, word);
    } else {
      pool.events.freeDeferred(
          new PoolListener.DeferredFree(
              pool.name, describe(index, Blocks.generation(word)), size(index), count));
    }
  }

  /** What was asked for by the present owner of a block. */
  abstract int size(int index);

  /** Who is to be told of the blocks that had an owner when the pool was closed under it. */
  final void whenRetired(Retired listener) {
    this.whenRetired = listener;
  }

  final void retired(int index, long word) {
    whenRetired.retired(index, Blocks.generation(word));
  }
}
