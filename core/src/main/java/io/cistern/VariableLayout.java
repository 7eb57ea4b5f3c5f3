package io.cistern;

import io.cistern.internal.Space;

/**
 * The dimensions of a pool of blocks of any size, checked.
 *
 * @param regionBytes size of the region: what was asked for, rounded up to granules
 * @param granule what offsets and lengths of blocks are multiples of, in bytes
 * @param maxBlocks most blocks live at a time
 * @param redZone bytes behind each block that nobody may write to, multiple of the granule
 */
record VariableLayout(long regionBytes, int granule, int maxBlocks, int redZone) {
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
        region,
        granule,
        (int) Math.min(builder.variableBlocks, region / granule),
        builder.checks.redZone());
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  private static long roundUp(long bytes, long granule) {
    return (bytes + granule - 1) & -granule;
  }

  /**
   * Where a block lies in memory whose place is {@code offset} from the start of the region. With
   * red zones, places are spread so far that one fits behind each granule: so whatever can be
   * allocated without them can be allocated with them, and the same way.
   */
  long position(long offset) {
    return redZone == 0 ? offset : MAX_ALIGNMENT + offset * spread();
  }

  /** The place that a position belongs to, as an offset from the start of the region. */
  long place(long position) {
    return redZone == 0 ? position : (position - MAX_ALIGNMENT) / spread();
  }

  private long spread() {
    return 1L + redZone / granule;
  }

  /** Bytes of memory that places of a length lie in. */
  long memoryBytes(long length) {
    return length * spread();
  }

  /** Bytes of memory for all of it. */
  long memoryBytes() {
    return redZone == 0 ? regionBytes : position(regionBytes);
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
