package io.cistern.simulator.tune;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sets of tiers that differ from a given one by one size: moved by 1, 2, 4, … sizes, not beyond the
 * next tier; added, if there may be one more; or left out. The largest stays.
 */
final class Neighbours {
  private Neighbours() {}

  static List<int[]> of(int[] tops, int most) {
    List<int[]> sets = new ArrayList<>();
    for (int tier = 0; tier < tops.length; tier++) {
      int below = tier == 0 ? -1 : tops[tier - 1];
      for (int step = 1; step < tops[tier] - below; step *= 2) {
        if (tops.length < most) {
          sets.add(with(tops, tops[tier] - step));
        }
        if (tier < tops.length - 1) {
          sets.add(moved(tops, tier, tops[tier] - step));
        }
      }
      if (tier < tops.length - 1) {
        for (int step = 1; step < tops[tier + 1] - tops[tier]; step *= 2) {
          sets.add(moved(tops, tier, tops[tier] + step));
        }
        sets.add(without(tops, tier));
      }
    }
    return sets;
  }

  private static int[] with(int[] tops, int top) {
    return IntStream.concat(IntStream.of(tops), IntStream.of(top)).sorted().toArray();
  }

  private static int[] without(int[] tops, int tier) {
    return IntStream.range(0, tops.length).filter(t -> t != tier).map(t -> tops[t]).toArray();
  }

  private static int[] moved(int[] tops, int tier, int top) {
    int[] moved = tops.clone();
    moved[tier] = top;
    return moved;
  }
}
