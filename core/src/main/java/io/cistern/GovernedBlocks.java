package io.cistern;

/**
 * Blocks of one region and tier of a governed pool: as they are, but freed and resized through its
 * {@link Governor}, who also keeps for whom each was allocated.
 */
final class GovernedBlocks extends WrappedBlocks {
  private final Governor governor;
  private final RegionBlocks blocks;
  private final int tier;
  final BlockTags tags;

  GovernedBlocks(GovernedPool pool, Governor governor, RegionBlocks blocks, int tier, int count) {
    super(pool, blocks);
    this.governor = governor;
    this.blocks = blocks;
    this.tier = tier;
    this.tags = new BlockTags(count);
    blocks.whenRetired(this::sweep);
  }

  private void sweep(int index, int generation) {
    int owner = tags.sweep(index, generation);
    if (owner >= 0) {
      governor.credit(owner, tier, blocks.granted(index));
    }
  }

  @Override
  void free(int index, long word) {
    if (!tryFree(index, word)) {
      refuseFree(index, word); // also of a region that was given back
    }
  }

  /** What the block was allocated for is read while it still is its owner's. */
  private boolean tryFree(int index, long word) {
    int owner;
    long bytes;
    boolean plain = governor.beginFree();
    try {
      owner = tags.owner(index);
      bytes = blocks.granted(index);
      if (!blocks.tryFree(index, word)) {
        return false;
      }
    } finally {
      governor.endFree(plain);
    }
    governor.freed(owner, tier, bytes);
    return true;
  }

  @Override
  boolean tryResize(int index, long word, long size) {
    return governor.tryResize(blocks, tags, index, word, size);
  }
}
