package io.cistern.jetty;

/**
 * Which capacity a buffer gets: the next multiple of 4 KiB up to 64 KiB, and beyond that what was
 * asked for. These are the capacities of Jetty's own pool as it is by default: parts of Jetty fill
 * a buffer to its capacity, so that others would change how responses are cut into pieces.
 */
final class Capacities {
  /** All capacities up to {@link #LARGEST_ROUNDED} are a multiple of this. */
  static final int STEP = 4096;

  /** Largest size that is rounded up. */
  static final int LARGEST_ROUNDED = 64 * 1024;

  private Capacities() {}

  /**
   * The capacity for a size.
   *
   * @throws IllegalArgumentException when it is negative
   */
  static int of(int size) {
    if (size <= 0) {
      return ofNothing(size);
    }
    return size > LARGEST_ROUNDED ? size : (size + STEP - 1) & -STEP;
  }

  private static int ofNothing(int size) {
    if (size < 0) {
      throw new IllegalArgumentException("buffer of " + size + " B: must be 0 or more");
    }
    return STEP;
  }
}
