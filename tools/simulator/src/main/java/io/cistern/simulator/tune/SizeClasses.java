package io.cistern.simulator.tune;

import java.util.Arrays;

/**
 * Which sizes the tiers have, so that the least memory is wasted: dynamic programming over a
 * histogram of live sizes, which is exact.
 *
 * <p>Every block takes a block of the smallest tier that holds it. So the tiers cut the sorted
 * sizes into runs, a run costs the largest size in it for each of its blocks, and
 *
 * <pre>
 *   cost(t, i) = least cost of the first i sizes in t tiers
 *              = min over j &lt; i of  cost(t - 1, j) + size(i) · (blocks(i) - blocks(j))
 *   blocks(i)  = blocks of the first i sizes
 * </pre>
 *
 * In time tiers × sizes², and of as few tiers as give the least cost.
 */
final class SizeClasses {
  private final int[] sizes;
  private final long[] blocks;

  SizeClasses(int[] sizes, int[] histogram) {
    this.sizes = sizes;
    this.blocks = new long[sizes.length + 1];
    for (int i = 0; i < sizes.length; i++) {
      blocks[i + 1] = blocks[i] + histogram[i];
    }
  }

  /**
   * The best tiers.
   *
   * @param most tiers there may be, at least 1
   * @return for each tier the index of the largest size in it, ascending; the last is the largest
   */
  int[] best(int most) {
    int count = sizes.length;
    int tiers = Math.min(most, count);
    long[] before = new long[count + 1];
    Arrays.fill(before, Long.MAX_VALUE);
    before[0] = 0;
    int[][] cuts = new int[tiers][count + 1];
    long least = Long.MAX_VALUE;
    int used = 0;
    for (int tier = 0; tier < tiers; tier++) {
      long[] cost = new long[count + 1];
      Arrays.fill(cost, Long.MAX_VALUE);
      for (int i = tier + 1; i <= count; i++) {
        cut(i, before, cost, cuts[tier]);
      }
      before = cost;
      if (cost[count] < least) {
        least = cost[count];
        used = tier + 1;
      }
    }
    return tops(cuts, used);
  }

  private void cut(int i, long[] before, long[] cost, int[] cuts) {
    long size = sizes[i - 1];
    for (int j = 0; j < i; j++) {
      if (before[j] != Long.MAX_VALUE) {
        long total = before[j] + size * (blocks[i] - blocks[j]);
        if (total < cost[i]) {
          cost[i] = total;
          cuts[i] = j;
        }
      }
    }
  }

  private int[] tops(int[][] cuts, int tiers) {
    int[] tops = new int[tiers];
    int end = sizes.length;
    for (int tier = tiers - 1; tier >= 0; tier--) {
      tops[tier] = end - 1;
      end = cuts[tier][end];
    }
    return tops;
  }

  /** What tiers cost: bytes for all blocks of the histogram. */
  long cost(int[] tops) {
    long cost = 0;
    int start = 0;
    for (int top : tops) {
      cost += sizes[top] * (blocks[top + 1] - blocks[start]);
      start = top + 1;
    }
    return cost;
  }
}
