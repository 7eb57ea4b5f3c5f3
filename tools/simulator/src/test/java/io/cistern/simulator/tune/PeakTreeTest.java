package io.cistern.simulator.tune;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Peaks of a count, against adding it up. Time budget: 1 s. */
class PeakTreeTest {
  @Test
  void everyPeakIsThatOfTheSum() {
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      int moments = 1 + random.nextInt(40);
      PeakTree tree = new PeakTree(moments);
      int[] changes = new int[moments];
      for (int i = 0; i < 60; i++) {
        int moment = random.nextInt(moments);
        int change = random.nextInt(9) - 4;
        changes[moment] += change;
        tree.add(moment, change);
        assertThat(tree.peak()).as("seed %d", seed).isEqualTo(peak(changes));
      }
    }
  }

  private static int peak(int[] changes) {
    int level = 0;
    int peak = 0;
    for (int change : changes) {
      level += change;
      peak = Math.max(peak, level);
    }
    return peak;
  }
}
