package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Several threads charge to one tree: what they hold is counted beside it, after it was granted and
 * until before it is given back, so at no look may it exceed a limit. Time budget: 6 seconds.
 */
@Timeout(120)
class QuotaThreadsTest {
  private static final int TIMES = 100_000;
  private static final int GUARANTEED = 300;

  private final Quota root = Quota.root(1000);
  private final Quota kept = root.child("kept", 800, GUARANTEED, false);
  private final Quota part = kept.child("part", 400, 100, false);
  private final Quota other = kept.child("other", 700, 50, false);
  private final Quota greedy = root.child("greedy", 2000, 0, false);
  private final List<Quota> all = List.of(root, kept, part, other, greedy);

  /** What threads hold in a node and all below it. */
  private final AtomicLongArray held = new AtomicLongArray(all.size());

  private final AtomicInteger oversteps = new AtomicInteger();

  @AfterEach
  void allIsGivenBack() {
    assertThat(oversteps).as("looks at more than a limit").hasValue(0);
    for (Quota quota : all) {
      assertThat(quota.usedBytes()).as("%s", quota).isZero();
      assertThat(held.get(quota.number)).isZero();
    }
    assertThat(root.verify()).isEmpty();
    assertThat(root.charge(1000 - GUARANTEED)).isNull();
    assertThat(root.charge(1)).as("what is kept is neither lost nor more").isEqualTo(root);
  }

  private static boolean isAbove(Quota above, Quota below) {
    return above.equals(below) || above.children().stream().anyMatch(it -> isAbove(it, below));
  }

  /** Counts what was granted, or is about to be given back, and looks at the limits. */
  private void hold(Quota quota, long bytes, boolean limitsChange) {
    for (Quota node : all) {
      if (isAbove(node, quota)) {
        long now = held.addAndGet(node.number, bytes);
        if (!limitsChange && (now > node.limitBytes() || node.usedBytes() > node.limitBytes())) {
          oversteps.incrementAndGet();
        }
      }
    }
  }

  private void chargeAndGiveBack(RandomGenerator random, boolean limitsChange) {
    Quota holding = root;
    long bytes = 0;
    for (int i = 0; i < TIMES; i++) {
      Quota quota = all.get(random.nextInt(all.size()));
      long more = random.nextInt(400);
      if (quota.charge(more) == null) {
        hold(quota, more, limitsChange);
        hold(holding, -bytes, limitsChange);
        holding.uncharge(bytes);
        holding = quota;
        bytes = more;
      }
    }
    hold(holding, -bytes, limitsChange);
    holding.uncharge(bytes);
  }

  @ParameterizedTest(name = "{0} threads")
  @ValueSource(ints = {2, 3, 4})
  void noLimitIsOverstepped(int threads) throws Exception {
    SplittableRandom random = Seed.random("QuotaThreadsTest");
    List<? extends RandomGenerator> each = random.splits(threads).toList();
    Threads.together(
        threads, Thread.ofPlatform(), thread -> chargeAndGiveBack(each.get(thread), false));
    for (Quota quota : all) {
      assertThat(quota.peakBytes()).isBetween(1L, quota.limitBytes());
      assertThat(quota.limitBytes()).isGreaterThanOrEqualTo(quota.guaranteedBytes());
    }
  }

  @Test
  void aLimitThatWasSetHoldsAtOnce() throws Exception {
    SplittableRandom random = Seed.random("QuotaThreadsTest");
    List<? extends RandomGenerator> each = random.splits(3).toList();
    AtomicLong set = new AtomicLong();
    Threads.together(
        3,
        Thread.ofPlatform(),
        thread -> {
          if (thread > 0) {
            chargeAndGiveBack(each.get(thread), true);
          } else {
            changeLimits(each.getFirst(), set);
          }
        });
    assertThat(set.get()).isPositive();
    root.setLimit(1000);
  }

  private void changeLimits(RandomGenerator random, AtomicLong set) {
    for (int i = 0; i < TIMES; i++) {
      Quota quota = all.get(random.nextInt(all.size()));
      long limit = quota.guaranteedBytes() + random.nextInt(1000);
      try {
        quota.setLimit(limit);
        set.incrementAndGet();
        if (held.get(quota.number) > limit || quota.usedBytes() > limit) {
          oversteps.incrementAndGet();
        }
      } catch (IllegalStateException moreIsCommitted) {
        assertThat(moreIsCommitted).hasMessageContaining("a limit of %d B".formatted(limit));
      }
    }
  }

  @Test
  void whatIsGuaranteedIsNeverRefused() throws Exception {
    SplittableRandom random = Seed.random("QuotaThreadsTest");
    List<? extends RandomGenerator> each = random.splits(3).toList();
    AtomicInteger refused = new AtomicInteger();
    Threads.together(
        3,
        Thread.ofPlatform(),
        thread -> {
          for (int i = 0; i < TIMES; i++) {
            Quota quota = thread == 0 ? kept : thread == 1 ? greedy : root;
            long bytes = each.get(thread).nextInt(thread == 0 ? GUARANTEED - 150 + 1 : 900);
            if (quota.charge(bytes) == null) {
              quota.uncharge(bytes);
            } else if (thread == 0) {
              refused.incrementAndGet();
            }
          }
        });
    assertThat(refused).hasValue(0);
    assertThat(root.failed()).as("others were refused").isPositive();
  }
}
