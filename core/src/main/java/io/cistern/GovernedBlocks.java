package io.cistern;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of one region and tier of a governed pool: as they are, but freed and resized through its
 * {@link Governor}, who also keeps for whom each was allocated.
 */
final class GovernedBlocks extends WrappedBlocks implements GovernedSource {
  private final Governor governor;
  private final RegionPool region;
  private final RegionBlocks blocks;
  final int tier;
  final BlockTags tags;

  /** What looks after the blocks; null where nobody does. */
  private final @Nullable Checks checks;

  GovernedBlocks(
      GovernedPool pool,
      Governor governor,
      RegionPool region,
      RegionBlocks blocks,
      int tier,
      int count) {
    super(pool, blocks);
    this.region = region;
    this.checks = region.care() instanceof Checks checked ? checked : null;
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
  MemorySegment segment(int index, int size) {
    MemorySegment memory = super.segment(index, size);
    return checks == null ? memory : checks.guarded(blocks, index, memory);
  }

  @Override
  ByteBuffer byteBuffer(int index, int size) {
    return checks == null ? super.byteBuffer(index, size) : segment(index, size).asByteBuffer();
  }

  @Override
  public void hold(int index, long handle) {
    region.hold(handle);
  }

  /** Frees an allocation that was lent, or lets the memory of a closed region go. */
  @Override
  public void takeBack(int index, long handle) {
    long word = word(index);
    if (HandleFormat.names(handle, word) && tryFree(index, word)) {
      governor.events.tellUntold();
    } else {
      blocks.endHold(index);
    }
  }

  @Override
  public void issued(MemoryBlock block, int index, long word) {
    if (checks != null) {
      checks.issued(block, blocks, index, word);
    }
  }

  @Override
  public long granted(int index) {
    return blocks.granted(index);
  }

  @Override
  void named(int index) {
    if (checks != null) {
      checks.unwatch(blocks, index);
    }
  }

  @Override
  public @Nullable AllocationTrace trace(int index, String label) {
    return checks == null ? null : checks.trace(blocks, index, label);
  }

  @Override
  @Nullable Throwable lastFree(int index) {
    return checks == null ? null : checks.lastFree(blocks, index);
  }

  @Override
  void free(int index, long word) {
    DirectPath direct = governor.direct;
    if (direct == null || !direct.free(this, index, word)) {
      freeCharged(index, word);
    }
  }

  /** As {@link RegionBlocks#freeAtOnce}. */
  boolean freeAtOnce(int index, long word) {
    return blocks.freeAtOnce(index, word);
  }

  private void freeCharged(int index, long word) {
    boolean freed = tryFree(index, word);
    governor.events.tellUntold();
    if (!freed) {
      blocks.deferOrRefuse(index, word, this); // refused also of a region that was given back
    }
  }

  @Override
  void finishFree(int index, long marked) {
    int owner = ownerOf(index);
    long bytes = blocks.granted(index);
    if (blocks.tryFree(index, marked)) {
      governor.freed(owner, tier, bytes);
      governor.events.tellUntold();
    } else {
      blocks.endHold(index);
    }
  }

  private int ownerOf(int index) {
    DirectPath direct = governor.direct;
    return direct == null ? tags.owner(index) : direct.ownerOf(tags, index);
  }

  /** What the block was allocated for is read while it still is its owner's. */
  private boolean tryFree(int index, long word) {
    int owner;
    long bytes;
    boolean plain = governor.beginFree();
    try {
      owner = ownerOf(index);
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
    boolean resized = governor.tryResize(blocks, tags, index, word, size);
    governor.events.tellUntold();
    return resized;
  }
}
