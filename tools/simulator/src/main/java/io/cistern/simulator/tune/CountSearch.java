package io.cistern.simulator.tune;

/**
 * How many blocks each tier has, given its size: as few bytes as can be found with which nothing is
 * refused.
 *
 * <p>Tiers lend to smaller ones, so a tier need not hold its own peak when a larger one is idle
 * then. Two ends are known. With
 *
 * <pre>
 *   counts(t) = the most that tier t uses when it lends nothing       nothing is refused, and
 *   sum of counts(u) for u ≥ t  ≥  most live blocks of t's sizes or larger         for every t
 * </pre>
 *
 * no set of counts does without. What lies between depends on which blocks sit in borrowed places
 * when they are wanted back, and is found by trying: from either end, tier by tier, the smallest
 * count that still serves ({@link SpillModel}), until no tier can do with less. Each step is a
 * proof, the result as a whole is a good one, not the best.
 */
final class CountSearch {
  private final SpillModel model;
  private final Effort effort;
  private final int[] sizes;

  /** For each tier the most live blocks of its sizes or larger. */
  private final int[] needed;

  /**
   * A search.
   *
   * @param tops for each tier the largest of the demand's sizes that it holds
   * @param blockSizes for each tier what a block costs, at least that size
   */
  CountSearch(Demand demand, LiveSizes live, int[] tops, int[] blockSizes, Effort effort) {
    this.model = new SpillModel(demand, tops);
    this.effort = effort;
    this.sizes = blockSizes;
    this.needed = new int[tops.length];
    for (int tier = 0; tier < tops.length; tier++) {
      needed[tier] = live.atLeast(tier == 0 ? 0 : tops[tier - 1] + 1);
    }
  }

  /** Blocks of each tier; nothing is refused with them. */
  int[] best() {
    int[] alone = alone();
    int[] least = repaired(bound());
    int[] best = alone;
    for (int[] start : new int[][] {alone, least}) {
      for (boolean ascending : new boolean[] {true, false}) {
        int[] counts = reduced(start.clone(), ascending);
        best = cost(counts) < cost(best) ? counts : best;
      }
    }
    return best;
  }

  /** Blocks of each tier for its own peak, so that none is ever borrowed. */
  int[] alone() {
    return model.peaks();
  }

  /** What no counts of these tiers can do without. */
  int[] bound() {
    int[] bound = needed.clone();
    for (int tier = 0; tier + 1 < bound.length; tier++) {
      bound[tier] -= needed[tier + 1];
    }
    return bound;
  }

  /** At least these counts, and as many more as it takes. */
  int[] repaired(int[] start) {
    int[] counts = start.clone();
    while (!model.serves(counts)) {
      int[] shortages = model.shortages(counts);
      for (int tier = 0; tier < counts.length; tier++) {
        counts[tier] += shortages[tier];
      }
    }
    return counts;
  }

  /** Bytes of so many blocks in each tier. */
  long cost(int[] counts) {
    long cost = 0;
    for (int tier = 0; tier < counts.length; tier++) {
      cost += (long) sizes[tier] * counts[tier];
    }
    return cost;
  }

  private int[] reduced(int[] counts, boolean ascending) {
    long before;
    do {
      before = cost(counts);
      for (int i = 0; i < counts.length; i++) {
        reduce(counts, ascending ? i : counts.length - 1 - i);
      }
    } while (cost(counts) < before && !effort.isSpent());
    return counts;
  }

  /** The smallest count of one tier that serves, by bisection. */
  private void reduce(int[] counts, int tier) {
    int high = counts[tier];
    int low = Math.max(0, high - slack(counts, tier));
    while (low < high && effort.spend()) {
      counts[tier] = (low + high) >>> 1;
      if (model.serves(counts)) {
        high = counts[tier];
      } else {
        low = counts[tier] + 1;
      }
    }
    counts[tier] = high;
  }

  /** By how much a tier's count is above what every set of counts needs. */
  private int slack(int[] counts, int tier) {
    int slack = Integer.MAX_VALUE;
    int sum = 0;
    for (int i = counts.length - 1; i >= 0; i--) {
      sum += counts[i];
      if (i <= tier) {
        slack = Math.min(slack, sum - needed[i]);
      }
    }
    return slack;
  }
}
