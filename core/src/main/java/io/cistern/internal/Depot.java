package io.cistern.internal;

import java.util.List;

/**
 * A set of block indices: bits in 64-ary levels, where a bit of a level says whether the word below
 * it has any bit. Adding, removing and finding the lowest member take one step a level, four at
 * most for 2<sup>24</sup> blocks.
 *
 * <p>Not thread-safe: the pool's lock guards it. Invariant: bit i of a level is set if and only if
 * word i of the level below is not 0; {@code size} is the number of bits of level 0.
 */
final class Depot {
  private final int capacity;
  private final long[][] levels;
  private int size;

  /** All indices from 0 to capacity - 1 are members. */
  Depot(int capacity) {
    this.capacity = capacity;
    int depth = 1;
    for (int words = wordsFor(capacity); words > 1; words = wordsFor(words)) {
      depth++;
    }
    levels = new long[depth][];
    for (int level = 0, bits = capacity; level < depth; level++, bits = wordsFor(bits)) {
      levels[level] = filled(bits);
    }
    size = capacity;
  }

  private static int wordsFor(int bits) {
    return (bits + 63) >>> 6;
  }

  private static long[] filled(int bits) {
    long[] words = new long[wordsFor(bits)];
    java.util.Arrays.fill(words, -1L);
    if ((bits & 63) != 0) {
      words[words.length - 1] = (1L << bits) - 1;
    }
    return words;
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  boolean contains(int index) {
    return (levels[0][index >>> 6] & 1L << index) != 0;
  }

  void add(int index) {
    if (contains(index)) {
      return;
    }
    size++;
    for (int level = 0, i = index; level < levels.length; level++, i >>>= 6) {
      long before = levels[level][i >>> 6];
      levels[level][i >>> 6] = before | 1L << i;
      if (before != 0) {
        return;
      }
    }
  }

  /** Removes and returns the lowest member; there must be one. */
  int takeLowest() {
    int index = 0;
    for (int level = levels.length - 1; level >= 0; level--) {
      index = index << 6 | Long.numberOfTrailingZeros(levels[level][index]);
    }
    remove(index);
    return index;
  }

  private void remove(int index) {
    size--;
    for (int level = 0, i = index; level < levels.length; level++, i >>>= 6) {
      long rest = levels[level][i >>> 6] & ~(1L << i);
      levels[level][i >>> 6] = rest;
      if (rest != 0) {
        return;
      }
    }
  }

  long bytes() {
    long bytes = 16 + 16 + 4L * levels.length;
    for (long[] words : levels) {
      bytes += 16 + 8L * words.length;
    }
    return bytes;
  }

  void verify(List<String> findings) {
    int counted = 0;
    for (long word : levels[0]) {
      counted += Long.bitCount(word);
    }
    if (counted != size) {
      findings.add("depot holds %d indices but says %d".formatted(counted, size));
    }
    if ((capacity & 63) != 0 && levels[0][capacity >>> 6] >>> capacity != 0) {
      findings.add("depot holds indices beyond the last block, " + (capacity - 1));
    }
    for (int level = 1; level < levels.length; level++) {
      for (int i = 0; i < levels[level - 1].length; i++) {
        boolean summary = (levels[level][i >>> 6] & 1L << i) != 0;
        if (summary != (levels[level - 1][i] != 0)) {
          findings.add("depot level %d, bit %d says %s and is wrong".formatted(level, i, summary));
        }
      }
    }
  }
}
