package io.cistern.simulator.tune;

import java.util.stream.IntStream;

/** Tiers of powers of two, those alone that a size falls into. */
final class Doubling {
  private Doubling() {}

  /** For each tier the index of the largest size in it. */
  static int[] tops(int[] sizes) {
    return IntStream.range(0, sizes.length)
        .filter(i -> i + 1 == sizes.length || power(sizes[i + 1]) > power(sizes[i]))
        .toArray();
  }

  /** Block sizes of these tiers: powers of two. */
  static int[] blockSizes(int[] sizes) {
    return IntStream.of(tops(sizes)).map(top -> power(sizes[top])).toArray();
  }

  /** The smallest power of two that holds a size. */
  private static int power(int size) {
    return size == 1 ? 1 : Integer.highestOneBit(size - 1) << 1;
  }
}
