package io.cistern;

import java.util.BitSet;

/**
 * The 8 bits of a handle that name its pool: unique among the pools that are open in this process.
 */
final class PoolIds {
  static final int MAX_OPEN = 255;

  private static final BitSet TAKEN = new BitSet(MAX_OPEN + 1);
  private static int last;
  private static long opened;

  private PoolIds() {}

  /** The next id, so that an id is reused as late as possible. */
  static synchronized int take() {
    if (TAKEN.cardinality() == MAX_OPEN) {
      throw new IllegalStateException(
          MAX_OPEN
              + " pools are open; the 8 bits of a handle that name its pool cannot tell more apart");
    }
    do {
      last = last % MAX_OPEN + 1;
    } while (TAKEN.get(last));
    TAKEN.set(last);
    return last;
  }

  static synchronized void giveBack(int id) {
    TAKEN.clear(id);
  }

  /** A first generation: pools that have the same id one after the other start far apart. */
  static synchronized long seed() {
    return ++opened * 0x9E37_79B9L & 0xFFFF_FFFFL;
  }
}
