package io.cistern.benchmarks.subject;

/** The sizes that are measured, which are also the tiers of every pool that has tiers. */
public final class Sizes {
  /** Where malloc does best; batches and hand-offs are measured with it. */
  public static final int MIDDLE = 1024;

  private static final int[] TIERS = {64, 256, MIDDLE, 4096, 65536};

  private Sizes() {}

  /**
   * All sizes.
   *
   * @return bytes, ascending; a copy
   */
  public static int[] tiers() {
    return TIERS.clone();
  }

  /**
   * The tier that serves a size.
   *
   * @param size bytes, from 1 to the largest size
   * @return a position in {@link #tiers()}
   */
  static int tierOf(int size) {
    int tier = 0;
    while (size > TIERS[tier]) {
      tier++;
    }
    return tier;
  }
}
