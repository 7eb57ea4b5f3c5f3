package io.cistern.gateway;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolStats;
import io.cistern.config.Profile;
import org.jspecify.annotations.Nullable;

/**
 * Which block a frame takes. By default the tier that fits; with a frame block in the profile
 * always a block of that size. A frame whose length is not known yet, because it comes in pieces,
 * takes the largest block it could need.
 */
final class FrameBlocks {
  private final MemoryPool pool;
  private final boolean fixed;
  private final long limit;

  FrameBlocks(MemoryPool pool, Profile.Frames frames) {
    this.pool = pool.stats().labels().isEmpty() ? pool : pool.labelled("websocket frames");
    this.fixed = frames.block().isPresent();
    long largest = pool.stats().tiers().getLast().blockSizeBytes();
    this.limit = frames.block().orElse(largest);
    if (limit > largest) {
      throw new IllegalArgumentException(
          "frame block of %d B: the largest block of pool '%s' has %d B"
              .formatted(limit, pool.name(), largest));
    }
  }

  /** The largest frame that is served, in bytes. */
  long limit() {
    return limit;
  }

  /** How many blocks can hold the largest frame. */
  int blocksForLargest() {
    return pool.stats().tiers().stream()
        .filter(tier -> tier.blockSizeBytes() >= limit)
        .mapToInt(PoolStats.Tier::total)
        .sum();
  }

  /**
   * A block for a frame of a known length, which an empty frame takes too; null when there is none.
   */
  @Nullable MemoryBlock takeFor(int length) {
    return fixed ? takeLargest() : pool.tryAllocate(Math.max(1, length));
  }

  /** A block for a frame of unknown length; null when there is none. */
  @Nullable MemoryBlock takeLargest() {
    return pool.tryAllocate(limit);
  }
}
