package io.cistern.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Arrays that are kept: no more than may be, and never one for two. Time budget: 5 seconds. */
@Timeout(60)
class HeapArraysTest {
  private static final int ROUNDS = 400_000;

  @Test
  void keepsNoMoreThanItMay() {
    HeapArrays arrays = new HeapArrays(1 << 20);
    for (int size = Capacities.STEP; size <= Capacities.LARGEST_ROUNDED; size += Capacities.STEP) {
      int length = size;
      List<byte[]> many = Stream.generate(() -> arrays.take(length)).limit(40).toList();
      assertThat(many).allMatch(array -> array.length == length);
      many.forEach(arrays::give);
    }
    assertThat(arrays.count()).isPositive();
    assertThat(arrays.bytes()).isPositive().isLessThanOrEqualTo(1 << 20);
    arrays.clear();
    assertThat(arrays.bytes()).isZero();
  }

  @Test
  void keepsWhatWasGivenForTheNext() {
    HeapArrays arrays = new HeapArrays(1 << 20);
    byte[] array = arrays.take(8192);
    arrays.give(array);
    assertThat(arrays.bytes()).isEqualTo(8192);
    assertThat(arrays.take(4096)).isNotSameAs(array);
    assertThat(arrays.take(8192)).isSameAs(array);
    assertThat(arrays.take(8192)).isNotSameAs(array);
  }

  @Test
  void keepsNothingLargeAndNothingWhereNothingMayBeKept() {
    HeapArrays arrays = new HeapArrays(1 << 20);
    arrays.give(arrays.take(70_000));
    assertThat(arrays.count()).isZero();
    HeapArrays none = new HeapArrays(0);
    none.give(none.take(4096));
    assertThat(none.count()).isZero();
  }

  /** There is one place, at which all threads look. */
  @Test
  void neverGivesAnArrayToTwo() throws Exception {
    HeapArrays arrays = new HeapArrays(16 * 4096);
    List<Future<Integer>> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (byte id = 1; id <= 2; id++) {
        byte mine = id;
        results.add(threads.submit(() -> takeAndGive(arrays, mine)));
      }
    }
    for (Future<Integer> result : results) {
      assertThat(result.get()).isEqualTo(ROUNDS);
    }
  }

  private static int takeAndGive(HeapArrays arrays, byte mine) {
    int undisturbed = 0;
    for (int i = 0; i < ROUNDS; i++) {
      byte[] array = arrays.take(4096);
      Arrays.fill(array, mine);
      int sum = 0;
      for (byte each : array) {
        sum += each;
      }
      undisturbed += sum == mine * array.length ? 1 : 0;
      arrays.give(array);
    }
    return undisturbed;
  }
}
