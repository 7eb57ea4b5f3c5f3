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
  private static final int INDEX_MASK = (1 << INDEX_BITS) - 1;

  private final int pool;
  private final int blockBits;
  private final int blockMask;

  HandleFormat(int pool, int tiers) {
    this.pool = pool;
    this.blockBits = blockBits(tiers);
    this.blockMask = (1 << blockBits) - 1;
  }

  /** Bits of the index that are left for the block. */
  static int blockBits(int tiers) {
    return INDEX_BITS - (32 - Integer.numberOfLeadingZeros(tiers - 1));
  }

  /** Index in the pool of a tier's block 0. */
  int firstIndex(int tier) {
    return tier << blockBits;
  }

  int tierOfIndex(int index) {
    return index >>> blockBits;
  }

  int blockOfIndex(int index) {
    return index & blockMask;
  }

  long handle(int index, long word) {
    return (long) pool << POOL_SHIFT
        | (long) index << GENERATION_BITS
        | Integer.toUnsignedLong(Blocks.generation(word));
  }

  boolean isOfPool(long handle) {
    return handle >>> POOL_SHIFT == pool;
  }

  int tier(long handle) {
    return ((int) (handle >>> GENERATION_BITS) & INDEX_MASK) >>> blockBits;
  }

  int block(long handle) {
    return (int) (handle >>> GENERATION_BITS) & blockMask;
  }

  static int generation(long handle) {
    return (int) handle;
  }
}
