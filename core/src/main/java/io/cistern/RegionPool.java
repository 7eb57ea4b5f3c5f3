package io.cistern;

import java.lang.foreign.MemorySegment;

/** A pool over one region: a user's, or one of those of a {@link GovernedPool}. */
abstract sealed class RegionPool extends PoolBase permits TieredPool, VariablePool {
  RegionPool(MemoryPool.Builder builder, long totalBytes) {
    super(builder, totalBytes);
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
