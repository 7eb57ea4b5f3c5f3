package io.cistern.simulator.tune;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which sets of tiers are tried next. Time budget: 1 s. */
class NeighboursTest {
  private static List<String> of(int most, int... tops) {
    return Neighbours.of(tops, most).stream().map(Arrays::toString).sorted().toList();
  }

  @Test
  void oneSizeIsMovedOrLeftOut() {
    assertThat(of(2, 1, 4)).containsExactly("[0, 4]", "[2, 4]", "[3, 4]", "[4]");
  }

  @Test
  void oneSizeMoreIfThereMayBe() {
    assertThat(of(3, 1, 4))
        .containsExactly(
            "[0, 1, 4]", "[0, 4]", "[1, 2, 4]", "[1, 3, 4]", "[2, 4]", "[3, 4]", "[4]");
  }

  @Test
  void allAreSetsOfTiersThatEndWithTheLargest() {
    for (int[] tops : Neighbours.of(new int[] {3, 9, 30, 31, 100}, 6)) {
      assertThat(tops).isSorted().doesNotHaveDuplicates().endsWith(100);
      assertThat(tops.length).isBetween(4, 6);
    }
  }
}
