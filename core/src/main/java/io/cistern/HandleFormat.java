package io.cistern;

import io.cistern.internal.Blocks;

/**
 * How a handle names an allocation.
 *
 * <pre>
 *   63        56 55                          32 31                                0
 *  +------------+-------+----------------------+-----------------------------------+
 *  |  pool, 8   | tier  |   block of the tier  |          generation, 32           |
 *  +------------+-------+----------------------+-----------------------------------+
 *                \_____ index, 24 bits ______/
 * </pre>
 *
 * A pool of one tier spends no bit on the tier; a pool of five spends three. The pool's id is never
 * 0, so no handle is.
 */
final class HandleFormat {
  static final int INDEX_BITS = 24;
  private static final int GENERATION_BITS = 32;
  private static final int POOL_SHIFT = 56;

  private final long firstHandle;
  private final int tiers;
  private final int blockBits;
  final int blockMask;
  final int tierShift;
  final int firstTier;

  HandleFormat(int pool, int tiers) {
    this.firstHandle = (long) pool << POOL_SHIFT;
    this.tiers = tiers;
    this.blockBits = blockBits(tiers);
    this.blockMask = (1 << blockBits) - 1;
    this.tierShift = GENERATION_BITS + blockBits;
    this.firstTier = (int) (firstHandle >>> tierShift);
  }

  /** Bits of the index that are left for the block. */
  static int blockBits(int tiers) {
    return INDEX_BITS - (32 - Integer.numberOfLeadingZeros(tiers - 1));
  }

  /** The pool's number. */
  int pool() {
    return pool(firstHandle);
  }

  /** The number of the pool that made a handle. */
  static int pool(long handle) {
    return (int) (handle >>> POOL_SHIFT);
  }

  /** Handle of an allocation. */
  long handle(int tier, int block, int generation) {
    return firstHandle(tier)
        + ((long) block << GENERATION_BITS | Integer.toUnsignedLong(generation));
  }

  /** Handle of a tier's block 0, without generation. */
  long firstHandle(int tier) {
    return firstHandle | (long) tier << tierShift;
  }

  /**
   * The tier, if the handle is of this pool and it has such a tier; else a number that no tier has.
   */
  int tier(long handle) {
    return (int) (handle >>> tierShift) - firstTier;
  }

  boolean isTier(int tier) {
    return tier >= 0 && tier < tiers;
  }

  int block(long handle) {
    return (int) (handle >>> GENERATION_BITS) & blockMask;
  }

  static int generation(long handle) {
    return (int) handle;
  }

  /** Whether a word of the handle's block says that its allocation is live. */
  static boolean names(long handle, long word) {
    return Blocks.isOwned(word) && Blocks.generation(word) == generation(handle);
  }
}
