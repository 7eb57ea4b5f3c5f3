package io.cistern;

/**
 * The short way through a {@link GovernedPool} where nobody is charged for a block and nothing is
 * done with it between two owners: tiers, without quotas, reserve and checks. It takes the fast
 * path of a region; whatever that does not do, and whoever waits, is left to the {@link Governor}.
 *
 * <pre>
 * claim ──► nobody waits ──► a block of the first region ──► its owner noted and counted, if there are labels
 * free  ──► the calling thread's magazine ──► its owner's count, if there are labels ──► those who wait
 * </pre>
 *
 * <p>The order of steps is the governor's: a block's owner is read before the block is free, and
 * those who wait are looked for after. Pools without labels have one owner, whose number is not
 * even noted.
 */
final class DirectPath {
  private static final long NONE = MemoryPool.NO_HANDLE;

  private final Regions regions;
  private final GovernedSizes sizes;
  private final GovernedWaiters waiters;
  private final Owners owners;
  private final PoolEvents events;
  private final boolean labels;

  DirectPath(Governor governor) {
    this.regions = governor.regions;
    this.sizes = governor.sizes;
    this.waiters = governor.waiters;
    this.owners = governor.owners;
    this.events = governor.events;
    this.labels = governor.labels;
  }

  /** A handle; NO_HANDLE when another way must be tried. */
  long claim(long size, long alignment, Owner owner) {
    if (waiters.length() != 0) {
      return NONE;
    }
    int tier = sizes.tierFor(size);
    Regions.One[] all = regions.list();
    if (tier == GovernedSizes.FALLBACK || all.length == 0) {
      return NONE;
    }
    long handle = all[0].claim(tier, size, alignment);
    return labels && handle != NONE ? counted(handle, all[0], tier, owner) : handle;
  }

  /** NO_HANDLE when the pool was closed under the new owner, who is not yet known by then. */
  private static long counted(long handle, Regions.One region, int tier, Owner owner) {
    GovernedBlocks blocks = region.blocks(tier);
    if (!blocks.tags.set(
        region.pool.block(handle), HandleFormat.generation(handle), owner.number())) {
      return NONE;
    }
    owner.allocated(tier, 0);
    return handle;
  }

  /** Frees an allocation; false when another way must be tried, and nothing is changed. */
  boolean free(long handle) {
    Regions.One region = events.isTracked() ? null : regions.of(handle);
    if (region == null) {
      return false;
    }
    if (labels) {
      return region.pool.gave(handle) && freeCounted(handle, region);
    }
    if (!region.pool.freeAtOnce(handle)) {
      return false;
    }
    waiters.afterFree(false);
    return true;
  }

  private boolean freeCounted(long handle, Regions.One region) {
    GovernedBlocks blocks = region.blocksOf(handle);
    int owner = blocks.tags.owner(region.pool.block(handle));
    if (!region.pool.freeAtOnce(handle)) {
      return false;
    }
    freed(owner, blocks.tier);
    return true;
  }

  /** The same, for the allocation that the word names. */
  boolean free(GovernedBlocks blocks, int index, long word) {
    int owner = ownerOf(blocks.tags, index);
    if (events.isTracked() || !blocks.freeAtOnce(index, word)) {
      return false;
    }
    freed(owner, blocks.tier);
    return true;
  }

  private void freed(int owner, int tier) {
    if (labels) {
      owners.byNumber(owner).freed(tier, 0);
    }
    waiters.afterFree(false);
  }

  /** Whose a live block is. */
  int ownerOf(BlockTags tags, int index) {
    return labels ? tags.owner(index) : owners.nobody.number();
  }
}
