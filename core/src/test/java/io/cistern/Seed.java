package io.cistern;

import java.util.SplittableRandom;

/**
 * Randomness that can be had again: the seed is printed, and {@code -Dcistern.seed=…} sets it for
 * every random test.
 */
public final class Seed {
  private Seed() {}

  public static SplittableRandom random(String test) {
    long seed = Long.getLong("cistern.seed", System.nanoTime());
    System.out.println(test + ": -Dcistern.seed=" + seed);
    return new SplittableRandom(seed);
  }
}
