package io.cistern.simulator.tune;

/**
 * The highest level that a count reaches over time, while changes are added in any order of time: a
 * change costs the logarithm of the number of moments, the peak nothing.
 *
 * <p>A binary tree over the moments. Each node holds the sum of the changes below it, and the
 * highest level within its span over the level at its beginning:
 *
 * <pre>
 *   sum  = left.sum + right.sum
 *   peak = max(left.peak, left.sum + right.peak)
 * </pre>
 */
final class PeakTree {
  private final int leaves;
  private final int[] sum;
  private final int[] peak;

  PeakTree(int moments) {
    this.leaves = Integer.highestOneBit(Math.max(1, moments - 1)) * 2;
    this.sum = new int[2 * leaves];
    this.peak = new int[2 * leaves];
  }

  /** From a moment on, the count is higher by a change. */
  void add(int moment, int change) {
    int node = leaves + moment;
    sum[node] += change;
    peak[node] = Math.max(0, sum[node]);
    for (node >>= 1; node > 0; node >>= 1) {
      int left = 2 * node;
      sum[node] = sum[left] + sum[left + 1];
      peak[node] = Math.max(peak[left], sum[left] + peak[left + 1]);
    }
  }

  /** The highest level, at least 0, where the count begins. */
  int peak() {
    return peak[1];
  }
}
