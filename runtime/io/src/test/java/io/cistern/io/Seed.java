package io.cistern.io;

import java.util.SplittableRandom;

/**
 * Randomness that can be had again: the seed is printed, and {@code -Dcistern.seed=…} sets it for
 * every random test.
 */
final class Seed {
  private Seed() {}

  static SplittableRandom random(String test) {
    long seed = Long.getLong("cistern.seed", System.nanoTime());
    System.out.println(test + ": -Dcistern.seed=" + seed);
    return new SplittableRandom(seed);
  }

  /** Bytes in which each value depends on its place, so that a shift by less than 251 is seen. */
  static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i % 251);
    }
    return bytes;
  }
}
