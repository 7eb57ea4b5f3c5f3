package io.cistern.simulator.tune;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The best sizes, against trying every set of them. Time budget: 2 s. */
class SizeClassesTest {
  @Test
  void noOtherSizesCostLess() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      int count = 1 + random.nextInt(10);
      int[] sizes = random.ints(1, 500).map(s -> 8 * s).distinct().limit(count).sorted().toArray();
      int[] histogram = random.ints(count, 0, 20).toArray();
      SizeClasses classes = new SizeClasses(sizes, histogram);
      for (int most = 1; most <= count; most++) {
        int[] best = classes.best(most);
        assertThat(best.length).isBetween(1, most);
        assertThat(best[best.length - 1]).isEqualTo(count - 1);
        assertThat(classes.cost(best))
            .as("seed %d, %d tiers", seed, most)
            .isEqualTo(least(classes, count, most));
      }
    }
  }

  /** Every set of sizes that has the largest in it. */
  private static long least(SizeClasses classes, int count, int most) {
    long least = Long.MAX_VALUE;
    for (int set = 1 << (count - 1); set < 1 << count; set++) {
      if (Integer.bitCount(set) <= most) {
        int chosen = set;
        int[] tops = IntStream.range(0, count).filter(i -> ((chosen >> i) & 1) != 0).toArray();
        least = Math.min(least, classes.cost(tops));
      }
    }
    return least;
  }

  @Test
  void enoughTiersWasteNothing() {
    SizeClasses classes = new SizeClasses(new int[] {8, 16, 64}, new int[] {5, 1, 2});
    assertThat(classes.best(64)).containsExactly(0, 1, 2);
    assertThat(classes.cost(new int[] {0, 1, 2})).isEqualTo(40 + 16 + 128);
    assertThat(classes.best(2)).containsExactly(1, 2);
  }

  @Test
  void ofSetsThatCostTheSameTheSmallest() {
    assertThat(new SizeClasses(new int[] {8, 16}, new int[] {0, 3}).best(2)).containsExactly(1);
  }
}
