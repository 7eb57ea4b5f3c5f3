package io.cistern;

import io.cistern.internal.Space;

/**
 * The dimensions of a pool of blocks of any size, checked.
 *
 * @param regionBytes size of the region: what was asked for, rounded up to granules
 * @param granule what offsets and lengths of blocks are multiples of, in bytes
 * @param maxBlocks most blocks live at a time
 */
record VariableLayout(long regionBytes, int granule, int maxBlocks) {
  static final int MAX_ALIGNMENT = TierLayout.MAX_ALIGNMENT;

  /** The largest region: as many granules of 8 bytes as an int counts. */
  static final long MAX_REGION = (long) Integer.MAX_VALUE * 8;

  private static final int LEAST_GRANULE = 8;

  static VariableLayout of(MemoryPool.Builder builder) {
    TierLayout.checkOptions(builder);
    long bytes = builder.variableBytes;
    require(
        builder.tiers.isEmpty(),
        "%d tiers and a variable region of %d B: a pool has either tiers or blocks of any size"
            .formatted(builder.tiers.size(), bytes));
    require(
        bytes >= 1 && bytes <= MAX_REGION,
        "variable region of %d B: must be from 1 to %d B".formatted(bytes, MAX_REGION));
    require(
        builder.variableBlocks >= 1 && builder.variableBlocks <= Space.MOST_BLOCKS,
        "%d blocks at most: must be from 1 to %d"
            .formatted(builder.variableBlocks, Space.MOST_BLOCKS));
    int granule = LEAST_GRANULE;
    long region = roundUp(bytes, granule);
    return new VariableLayout(
        region, granule, (int) Math.min(builder.variableBlocks, region / granule));
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  private static long roundUp(long bytes, long granule) {
    return (bytes + granule - 1) & -granule;
  }

  /** Bytes that a request of a size takes. */
  long granted(long size) {
    return roundUp(size, granule);
  }

  /** The largest request: the whole region, unless that is larger than any block may be. */
  long maxSize() {
    return Math.min(regionBytes, TierLayout.MAX_BLOCK);
  }

  static void checkAlignment(long alignment) {
    if (Long.bitCount(alignment) != 1 || alignment < 1 || alignment > MAX_ALIGNMENT) {
      throw new IllegalArgumentException(
          "alignment of %d B: must be a power of two from 1 to %d"
              .formatted(alignment, MAX_ALIGNMENT));
    }
  }
}
