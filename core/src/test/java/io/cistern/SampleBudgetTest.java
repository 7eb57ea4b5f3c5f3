package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which allocations are sampled, in simulated ticks, and the formula of docs/leaks.md. Time budget:
 * 4 seconds.
 */
@Timeout(60)
class SampleBudgetTest {
  private static final int SECOND = SampleBudget.TICKS_A_SECOND;

  private final SplittableRandom random = Seed.random("SampleBudgetTest");

  /** A pool as the budget sees it: its count of allocations, and its fast path. */
  private final class Load {
    final SampleBudget budget;
    final Map<SampleBudget.Span, Integer> spans = new HashMap<>();
    final List<SampleBudget.Span> samples = new ArrayList<>();
    long allocations;
    long looks;

    Load(int perSecond) {
      budget = new SampleBudget(perSecond, () -> allocations, random.nextLong());
    }

    boolean allocate(int tick) {
      allocations++;
      if (budget.isOver(tick)) {
        return false;
      }
      looks++;
      boolean due = budget.isDue(tick);
      if (due) {
        spans.merge(budget.span(), 1, Integer::sum);
        samples.add(budget.span());
      }
      return due;
    }

    /** How many of so many allocations were sampled. */
    int run(int fromTick, int ticks, IntUnaryOperator allocationsInTick) {
      int sampled = 0;
      for (int tick = fromTick; tick < fromTick + ticks; tick++) {
        int count = allocationsInTick.applyAsInt(tick);
        for (int i = 0; i < count; i++) {
          sampled += allocate(tick) ? 1 : 0;
        }
      }
      return sampled;
    }
  }

  @Test
  void aBudgetOfNothingIsAlwaysOver() {
    Load off = new Load(0);
    assertThat(off.budget.isOver(1)).isTrue();
    assertThat(off.run(1, 10 * SECOND, tick -> 10)).isZero();
    assertThat(off.looks).isZero();
  }

  /** It is made before the pool can be asked. */
  @Test
  void allocationsAreNotAskedForBeforeTheFirst() {
    AtomicInteger asked = new AtomicInteger();
    SampleBudget budget = new SampleBudget(1000, asked::incrementAndGet, random.nextLong());
    assertThat(asked.get()).isZero();
    assertThat(budget.isOver(1)).isFalse();
    budget.isDue(1);
    assertThat(asked.get()).isOne();
  }

  @Test
  void whereAllocationsAreRareAllAreSampled() {
    Load steady = new Load(1000);
    assertThat(steady.run(1, SECOND, tick -> 4))
        .isGreaterThan(350); // the budget starts from nothing
    assertThat(steady.run(1 + SECOND, 9 * SECOND, tick -> 4)).isEqualTo(9 * SECOND * 4);
    Load bursts = new Load(1000);
    bursts.run(1, 3 * SECOND, tick -> tick % SECOND == 0 ? 400 : 0);
    assertThat(bursts.run(1 + 3 * SECOND, 7 * SECOND, tick -> tick % SECOND == 0 ? 400 : 0))
        .isEqualTo(7 * 400);
  }

  @ParameterizedTest
  @CsvSource({"1000, 20", "1000, 100", "1000, 1000", "1000, 20000", "50, 1000", "7, 300"})
  void aSteadyLoadIsSampledAtTheBudget(int perSecond, int perTick) {
    Load load = new Load(perSecond);
    int seconds = 20;
    int sampled = load.run(1, seconds * SECOND, tick -> perTick);
    assertThat(sampled)
        .isLessThanOrEqualTo(perSecond * seconds)
        .isGreaterThan((int) (0.9 * perSecond * (seconds - 1)));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 100, 1000, 30_000})
  void noSpanHasMoreThanTheBudget(int perSecond) {
    Load load = new Load(perSecond);
    load.run(1, 30 * SECOND, tick -> random.nextInt(10) == 0 ? random.nextInt(20_000) : 0);
    assertThat(load.spans.values()).isNotEmpty().allMatch(samples -> samples <= perSecond);
    assertThat(load.spans.size()).isBetween(10, 30);
  }

  @Test
  void looksAreBoundedWhateverTheLoad() {
    Load load = new Load(1000);
    int seconds = 5;
    load.run(1, seconds * SECOND, tick -> 5_000);
    int refused = seconds * SECOND; // the look that finds none left
    assertThat(load.looks).isLessThanOrEqualTo((512L * seconds * SECOND) + refused);
  }

  @Test
  void inABurstEveryPlaceHasTheSameChance() {
    Load load = new Load(1000);
    int burst = 400;
    int[] sampledAt = new int[8];
    int rounds = 6000;
    for (int round = 0; round < rounds; round++) {
      for (int place = 0; place < burst; place++) {
        sampledAt[place * sampledAt.length / burst] += load.allocate(1 + 10 * round) ? 1 : 0;
      }
    }
    double mean = rounds * 100.0 / sampledAt.length; // a tenth of a second's budget each
    for (int sampled : sampledAt) {
      assertThat((double) sampled).isCloseTo(mean, within(0.04 * mean));
    }
  }

  @Test
  void aThreadThatSleptSinceItReadTheClockGivesNothingBack() {
    Load load = new Load(1000);
    load.run(1, 3 * SECOND, tick -> 1000);
    int now = 3 * SECOND;
    assertThat(load.budget.isOver(now)).isTrue();
    for (int i = 0; i < 10_000; i++) {
      assertThat(load.budget.isDue(now - 1 - i % 50)).isFalse();
    }
    assertThat(load.run(now + 1, 1, tick -> 1000)).isLessThan(100);
  }

  @Test
  void ticksWrap() {
    Load load = new Load(1000);
    load.run(Integer.MAX_VALUE - 3 * SECOND, 3 * SECOND, tick -> 1000);
    assertThat(load.run(0, 10 * SECOND, tick -> 1000)).isBetween(9_000, 10_000);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 50, 400, 3000})
  void theWeightsAddUpToTheAllocations(int mostPerTick) {
    Load load = new Load(1000);
    load.run(1, 20 * SECOND, tick -> random.nextInt(mostPerTick));
    double sum = load.samples.stream().mapToDouble(SampleBudget.Span::weight).sum();
    assertThat(sum).isCloseTo((double) load.allocations, within(0.02 * load.allocations));
  }

  /**
   * The time until a leak of r blocks a second among a allocations a second has its first sample
   * has the mean a / (r S), S being the budget or a if that is less; 95 of 100 take less than three
   * times that.
   */
  @ParameterizedTest
  @CsvSource({
    "100000, 100, 1000, 1",
    "100000,  50, 1000, 2",
    "20000,   10, 1000, 2",
    "5000,    25,  100, 2",
    "500,      2, 1000, 0.5"
  })
  void theFirstSampleOfALeakComesAsTheFormulaSays(
      int allocations, int leaks, int budget, double expectedSeconds) {
    double mean = allocations / ((double) leaks * Math.min(budget, allocations));
    assertThat(mean).isEqualTo(expectedSeconds);
    int runs = 300;
    double sum = 0;
    int late = 0;
    for (int run = 0; run < runs; run++) {
      double seconds = secondsUntilSampled(allocations, leaks, budget);
      sum += seconds;
      late += seconds > 3 * mean ? 1 : 0;
    }
    assertThat(sum / runs).isCloseTo(mean, within(0.25 * mean));
    assertThat(late).isBetween(1, runs / 9); // 15 are expected
  }

  /** Of a steady load that leaks at random; it begins before, so that the budget has settled. */
  private double secondsUntilSampled(int allocations, int leaks, int budget) {
    Load load = new Load(budget);
    int perTick = allocations / SECOND;
    int settled = 3 * SECOND;
    load.run(1, settled, tick -> perTick);
    for (int tick = settled + 1; ; tick++) {
      for (int i = 0; i < perTick; i++) {
        if (load.allocate(tick) && random.nextInt(allocations / leaks) == 0) {
          return (tick - settled) / (double) SECOND;
        }
      }
    }
  }

  @Test
  void threadsTogetherTakeNoMoreThanTheBudget() throws Exception {
    SampleBudget budget = new SampleBudget(1000, () -> 0, random.nextLong());
    AtomicInteger tick = new AtomicInteger(1);
    AtomicInteger sampled = new AtomicInteger();
    int ticks = 10 * SECOND;
    Threads.together(
        4,
        Thread.ofPlatform(),
        thread -> {
          for (int now = tick.get(); now <= ticks; now = tick.get()) {
            for (int i = 0; i < 100; i++) {
              if (budget.isDue(now)) {
                sampled.incrementAndGet();
              }
            }
            if (thread == 0) {
              tick.incrementAndGet();
            }
          }
        });
    assertThat(sampled.get()).isBetween(1_000, 10 * 1000);
  }
}
