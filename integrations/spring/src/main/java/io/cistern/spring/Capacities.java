package io.cistern.spring;

/**
 * How far a buffer grows that is too short: to the next power of two from 64 B on, and beyond 4 MiB
 * in steps of 4 MiB, as Spring's own buffers do. So a buffer that is written to byte by byte is
 * copied a number of times that grows with the logarithm of its size. Where the pool's largest
 * block is shorter than that, it has to do.
 */
final class Capacities {
  private static final int SMALLEST = 64;
  private static final int STEP = 4 << 20;

  private Capacities() {}

  /**
   * The next capacity.
   *
   * @param needed bytes, at least 1
   * @param most that the pool serves
   * @return at least {@code needed}, which alone may be more than {@code most}
   */
  static int next(int needed, long most) {
    long wanted =
        needed > STEP
            ? Math.ceilDiv((long) needed, STEP) * STEP
            : Math.max(SMALLEST, ceilPowerOfTwo(needed));
    return (int) Math.max(needed, Math.min(Math.min(wanted, most), Integer.MAX_VALUE));
  }

  private static int ceilPowerOfTwo(int number) {
    return number <= 1 ? 1 : Integer.highestOneBit(number - 1) << 1;
  }
}
