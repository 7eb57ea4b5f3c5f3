package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random operations on random trees, against a model that adds up the whole tree each time. Time
 * budget: 3 seconds.
 */
class QuotaModelTest {
  private static final int STEPS = 20_000;

  /** A node that keeps only what was charged to it directly. */
  private static final class Model {
    final Quota quota;
    final @Nullable Model parent;
    final List<Model> children = new ArrayList<>();
    final long guaranteed;
    long limit;
    long direct;
    long peak;
    long failed;

    Model(Quota quota, @Nullable Model parent) {
      this.quota = quota;
      this.parent = parent;
      this.guaranteed = quota.guaranteedBytes();
      this.limit = quota.limitBytes();
    }

    long used() {
      return direct + children.stream().mapToLong(Model::used).sum();
    }

    long committed() {
      return direct
          + children.stream().mapToLong(it -> Math.max(it.committed(), it.guaranteed)).sum();
    }

    /** The lowest node that is beyond its limit, from here up. */
    @Nullable Model overstepped() {
      Model node = this;
      while (node != null && node.committed() <= node.limit) {
        node = node.parent;
      }
      return node;
    }

    @Nullable Quota charge(long bytes) {
      direct += bytes;
      Model refusing = overstepped();
      if (refusing != null) {
        direct -= bytes;
        refusing.failed++;
        return refusing.quota;
      }
      for (Model node = this; node != null; node = node.parent) {
        node.peak = Math.max(node.peak, node.used());
      }
      return null;
    }
  }

  private final List<Model> nodes = new ArrayList<>();

  private void grow(SplittableRandom random, int count, int scale) {
    nodes.add(new Model(Quota.root(scale), null));
    while (nodes.size() < count) {
      Model parent = nodes.get(random.nextInt(nodes.size()));
      long guaranteed = random.nextInt(scale / 8 + 1) * (long) random.nextInt(2);
      try {
        String name = "n" + nodes.size();
        Quota quota =
            parent.quota.child(name, guaranteed + random.nextInt(scale), guaranteed, false);
        Model child = new Model(quota, parent);
        parent.children.add(child);
        nodes.add(child);
      } catch (IllegalArgumentException | IllegalStateException tooMuchIsGuaranteed) {
        assertThat(guaranteed).isPositive();
      }
    }
  }

  private void step(SplittableRandom random, int scale) {
    Model node = nodes.get(random.nextInt(nodes.size()));
    long bytes = random.nextInt(scale / 3 + 1);
    switch (random.nextInt(10)) {
      case 0 -> setLimit(node, node.guaranteed + random.nextInt(scale));
      case 1, 2, 3, 4 -> {
        long less = Math.min(bytes, node.direct);
        node.direct -= less;
        node.quota.uncharge(less);
      }
      default -> assertThat(node.quota.charge(bytes)).isEqualTo(node.charge(bytes));
    }
  }

  private static void setLimit(Model node, long limit) {
    boolean fits = node.committed() <= limit;
    try {
      node.quota.setLimit(limit);
      assertThat(fits).as("limit %d of %s", limit, node.quota).isTrue();
      node.limit = limit;
    } catch (IllegalStateException lessThanCommitted) {
      assertThat(fits).as("%s", lessThanCommitted).isFalse();
    }
  }

  private void compare(int step) {
    for (Model node : nodes) {
      Quota quota = node.quota;
      assertThat(quota.usedBytes()).as("used, step %d, %s", step, quota).isEqualTo(node.used());
      assertThat(quota.peakBytes()).as("peak, step %d, %s", step, quota).isEqualTo(node.peak);
      assertThat(quota.failed()).as("failed, step %d, %s", step, quota).isEqualTo(node.failed);
      assertThat(quota.limitBytes()).as("limit, step %d, %s", step, quota).isEqualTo(node.limit);
    }
    assertThat(nodes.getFirst().quota.verify()).as("step %d", step).isEmpty();
  }

  @ParameterizedTest(name = "{0} nodes")
  @ValueSource(ints = {1, 2, 4, 9, 20})
  void behavesAsItsModel(int count) {
    SplittableRandom random = Seed.random("QuotaModelTest");
    int scale = 16 << random.nextInt(10);
    grow(random, count, scale);
    for (int i = 0; i < STEPS; i++) {
      step(random, scale);
      if (i % 16 == 0) {
        compare(i);
      }
    }
    for (Model node : nodes) {
      node.quota.uncharge(node.direct);
      node.direct = 0;
    }
    compare(STEPS);
    assertThat(nodes.getFirst().quota.usedBytes()).isZero();
  }
}
