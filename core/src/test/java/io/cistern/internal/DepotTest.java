package io.cistern.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The depot against a {@link BitSet}, around every size at which its levels change. */
class DepotTest {
  @ParameterizedTest
  @ValueSource(
      ints = {1, 2, 63, 64, 65, 127, 128, 4095, 4096, 4097, 262_143, 262_144, 262_145, 300_000})
  void givesAllItsIndicesLowestFirst(int capacity) {
    Depot depot = new Depot(capacity);
    assertThat(depot.size()).isEqualTo(capacity);
    for (int index = 0; index < capacity; index++) {
      if (!depot.contains(index) || depot.takeLowest() != index || depot.contains(index)) {
        throw new AssertionError("index " + index + " of " + capacity);
      }
    }
    assertThat(depot.isEmpty()).isTrue();
    assertInOrder(depot);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 63, 64, 65, 4095, 4096, 4097, 262_143, 262_144, 262_145})
  void agreesWithABitSet(int capacity) {
    SplittableRandom random = new SplittableRandom(capacity);
    Depot depot = new Depot(capacity);
    BitSet model = new BitSet();
    model.set(0, capacity);
    for (int step = 0; step < 50_000; step++) {
      boolean empties = step / 5_000 % 2 == 0;
      if (!model.isEmpty() && random.nextInt(4) < (empties ? 3 : 1)) {
        assertThat(depot.takeLowest()).isEqualTo(model.nextSetBit(0));
        model.clear(model.nextSetBit(0));
      } else {
        int index = random.nextInt(Math.min(capacity, 6_000));
        depot.add(index);
        depot.add(index);
        model.set(index);
      }
      if (depot.size() != model.cardinality() || depot.isEmpty() != model.isEmpty()) {
        throw new AssertionError("%d instead of %d".formatted(depot.size(), model.cardinality()));
      }
    }
    for (int index = 0; index < capacity; index++) {
      assertThat(depot.contains(index)).isEqualTo(model.get(index));
    }
    assertInOrder(depot);
  }

  private static void assertInOrder(Depot depot) {
    List<String> findings = new ArrayList<>();
    depot.verify(findings);
    assertThat(findings).isEmpty();
  }
}
