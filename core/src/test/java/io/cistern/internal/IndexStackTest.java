package io.cistern.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The stack of indices against a list that is counted and sorted in the plainest way. Time budget:
 * 2 s.
 */
class IndexStackTest {
  private static List<String> findings(IndexStack indices) {
    List<String> findings = new ArrayList<>();
    indices.verify(findings);
    return findings;
  }

  private static IndexStack allTaken(int count, double coalesceAbove) {
    IndexStack indices = new IndexStack(count, coalesceAbove);
    for (int i = 0; i < count; i++) {
      indices.take();
    }
    return indices;
  }

  @Test
  void takesFromZeroOnThenNothing() {
    IndexStack indices = new IndexStack(3);
    assertThat(List.of(indices.take(), indices.take(), indices.take())).containsExactly(0, 1, 2);
    assertThat(indices.take()).isEqualTo(IndexStack.NONE);
    assertThat(indices.live()).isEqualTo(3);
    assertThat(findings(indices)).isEmpty();
  }

  @Test
  void whatCameBackLastIsTakenFirst() {
    IndexStack indices = allTaken(8, IndexStack.NEVER);
    indices.giveBack(5);
    indices.giveBack(2);
    assertThat(indices.order()).containsExactly(2, 5);
    assertThat(indices.take()).isEqualTo(2);
    assertThat(indices.isLive(2)).isTrue();
    assertThat(indices.isLive(5)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "'',         0",
    "'7',        0",
    "'7 8',      0",
    "'8 7',    100",
    "'1 2 4',   50",
    "'4 1 2',   50",
    "'0 2 4 6', 100",
    "'0 1 2 9 3 4', 40",
  })
  void fragmentationIsTheShareOfBrokenPairs(String order, double percent) {
    IndexStack indices = allTaken(10, IndexStack.NEVER);
    List<String> numbers = new ArrayList<>(List.of(order.split(" ")));
    Collections.reverse(numbers);
    numbers.stream().filter(n -> !n.isEmpty()).forEach(n -> indices.giveBack(Integer.parseInt(n)));
    assertThat(indices.fragmentationPercent()).isEqualTo(percent);
  }

  /** Six free ones have five pairs: one broken is 20 %, which does not exceed 20 %. */
  @Test
  void coalescesAboveTheThresholdAndNotAtIt() {
    IndexStack indices = allTaken(10, 20);
    for (int index : new int[] {6, 5, 4, 3, 2}) {
      assertThat(indices.giveBack(index)).isFalse();
    }
    assertThat(indices.giveBack(8)).isFalse();
    assertThat(indices.fragmentationPercent()).isEqualTo(20);
    assertThat(indices.order()).containsExactly(8, 2, 3, 4, 5, 6);
    assertThat(indices.giveBack(1)).isTrue();
    assertThat(indices.order()).containsExactly(1, 2, 3, 4, 5, 6, 8);
    assertThat(indices.coalesced()).isEqualTo(1);
  }

  @Test
  void gapsOfLiveIndicesAreNotSortedAgainAndAgain() {
    IndexStack indices = allTaken(100, 20);
    for (int index = 98; index >= 0; index -= 2) {
      assertThat(indices.giveBack(index)).isFalse();
    }
    assertThat(indices.fragmentationPercent()).isEqualTo(100);
    assertThat(indices.coalesce()).isFalse();
    assertThat(indices.coalesced()).isZero();
  }

  @Test
  void efficiencyIsTheShareOfLiveIndices() {
    IndexStack indices = new IndexStack(10);
    for (int live = 0; live <= 10; live++) {
      assertThat(indices.efficiencyPercent()).isEqualTo(10.0 * live);
      indices.take();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 10, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void indexOutOfRange(int index) {
    IndexStack indices = allTaken(10, 20);
    assertThatThrownBy(() -> indices.giveBack(index))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("index " + index + " is given back, but there are 0 to 9");
    assertThat(indices.isLive(index)).isFalse();
    assertThat(indices.live()).isEqualTo(10);
  }

  @Test
  void indexThatIsNotLive() {
    IndexStack indices = new IndexStack(10);
    indices.giveBack(indices.take());
    assertThatThrownBy(() -> indices.giveBack(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("index 0 is given back, but is not live: 0 of 10 are");
    assertThat(findings(indices)).isEmpty();
  }

  @Test
  void numbersOutOfRange() {
    assertThatThrownBy(() -> new IndexStack(0)).hasMessage("0 indices: at least 1 is needed");
    for (double percent : new double[] {-0.5, 100.5, Double.NaN}) {
      assertThatThrownBy(() -> new IndexStack(1, percent))
          .hasMessage("coalescing above " + percent + " %: 0 to 100 is possible");
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 20", "2, 20", "63, 20", "64, 20", "65, 20", "200, 20", "200, 0", "200, 100"})
  void agreesWithAPlainList(int count, double coalesceAbove) {
    long seed = 31L * count + (long) coalesceAbove;
    Random random = new Random(seed);
    IndexStack indices = new IndexStack(count, coalesceAbove);
    List<Integer> live = new ArrayList<>();
    List<Integer> order = new ArrayList<>();
    for (int index = 0; index < count; index++) {
      order.add(index);
    }
    for (int step = 0; step < 5000; step++) {
      String where = "seed %d, step %d".formatted(seed, step);
      boolean fills = step / 500 % 2 == 0;
      if (live.isEmpty() || random.nextInt(4) < (fills ? 3 : 1)) {
        int taken = indices.take();
        assertThat(taken).as(where).isEqualTo(order.isEmpty() ? -1 : order.removeFirst());
        if (taken >= 0) {
          live.add(taken);
        }
      } else {
        int index = live.remove(/* index */ random.nextInt(live.size()));
        order.addFirst(index);
        List<Integer> sorted = order.stream().sorted().toList();
        boolean due =
            fragmentation(order) > coalesceAbove && fragmentation(sorted) < fragmentation(order);
        assertThat(indices.giveBack(index)).as(where).isEqualTo(due);
        order = due ? new ArrayList<>(sorted) : order;
      }
      assertThat(indices.fragmentationPercent()).as(where).isEqualTo(fragmentation(order));
      assertThat(indices.live()).as(where).isEqualTo(live.size());
      assertThat(indices.order())
          .as(where)
          .isEqualTo(order.stream().mapToInt(Integer::intValue).toArray());
      assertThat(findings(indices)).as(where).isEmpty();
    }
  }

  private static double fragmentation(List<Integer> order) {
    int broken = 0;
    for (int at = 1; at < order.size(); at++) {
      broken += order.get(at) == order.get(at - 1) + 1 ? 0 : 1;
    }
    return order.size() < 2 ? 0 : 100.0 * broken / (order.size() - 1);
  }
}
