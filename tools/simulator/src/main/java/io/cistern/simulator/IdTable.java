package io.cistern.simulator;

import java.util.Arrays;

/**
 * Numbers of blocks by their ids: open addressing with linear probing, at most two thirds full,
 * twelve bytes a place. Ids may be any longs from 0 on; nothing is ever taken out.
 */
final class IdTable {
  static final int NONE = -1;

  /** Bits of the golden ratio: neighbouring ids go far apart. */
  private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L;

  private long[] ids = new long[64];
  private int[] blocks = empty(64);
  private int count;

  private static int[] empty(int places) {
    int[] blocks = new int[places];
    Arrays.fill(blocks, NONE);
    return blocks;
  }

  /** The block of an id, or NONE. */
  int find(long id) {
    return blocks[place(id)];
  }

  /** Adds an id that is not there yet. */
  void put(long id, int block) {
    if (++count > ids.length / 3 * 2) {
      grow();
    }
    int place = place(id);
    ids[place] = id;
    blocks[place] = block;
  }

  /** Where the id is, or else would go. */
  private int place(long id) {
    int mask = ids.length - 1;
    int place = (int) ((id * SPREAD) >>> Long.numberOfLeadingZeros(mask));
    while (blocks[place] != NONE && ids[place] != id) {
      place = (place + 1) & mask;
    }
    return place;
  }

  private void grow() {
    long[] oldIds = ids;
    int[] oldBlocks = blocks;
    ids = new long[oldIds.length * 2];
    blocks = empty(ids.length);
    for (int i = 0; i < oldIds.length; i++) {
      if (oldBlocks[i] != NONE) {
        int place = place(oldIds[i]);
        ids[place] = oldIds[i];
        blocks[place] = oldBlocks[i];
      }
    }
  }
}
