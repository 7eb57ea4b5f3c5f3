package io.cistern;

import io.cistern.internal.Blocks;

/** The blocks of a {@link RegionPool}: those of one tier, or those of any size. */
abstract sealed class RegionBlocks extends BlockSource permits Tier, VariableBlocks {
  /** Hears of blocks that had an owner when the pool was closed under it. */
  interface Retired {
    void retired(int index, int generation);
  }

  private volatile Retired whenRetired = (index, generation) -> {};

  RegionBlocks(PoolBase pool) {
    super(pool);
  }

  /**
   * Frees the allocation that the word names; false when it is not live, and nothing is changed.
   */
  abstract boolean tryFree(int index, long word);

  /** Bytes that the owner of a live block has taken: at least those that it asked for. */
  abstract long granted(int index);

  /** Who is to be told of the blocks that had an owner when the pool was closed under it. */
  final void whenRetired(Retired listener) {
    this.whenRetired = listener;
  }

  final void retired(int index, long word) {
    whenRetired.retired(index, Blocks.generation(word));
  }
}
