package io.cistern.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Several threads take and give back, while the limit changes or not: what they hold together is
 * counted beside the allowance, after it was granted and until before it is given back, so it may
 * never be more than a limit that is in force. Time budget: 5 seconds.
 */
@Timeout(60)
class AllowanceThreadsTest {
  private static final int LIMIT = 100;
  private static final int TIMES = 300_000;

  private final Allowance allowance = new Allowance(LIMIT);

  /** What the threads hold; never more than is taken. */
  private final AtomicLong held = new AtomicLong();

  private final AtomicLong highest = new AtomicLong();

  /** Takes and gives back; how often it was refused. */
  private Callable<Long> taker(SplittableRandom random, int most) {
    return () -> {
      long refused = 0;
      for (int i = 0; i < TIMES; i++) {
        int n = 1 + random.nextInt(most);
        if (!allowance.tryTake(n)) {
          refused++;
          continue;
        }
        long now = held.addAndGet(n);
        highest.accumulateAndGet(now, Math::max);
        held.addAndGet(-n);
        allowance.giveBack(n);
      }
      return refused;
    };
  }

  /** Changes the limit; how often what was held exceeded the one that it had just set. */
  private Callable<Long> setter(SplittableRandom random) {
    return () -> {
      long wrong = 0;
      for (int i = 0; i < TIMES; i++) {
        int limit = random.nextInt(LIMIT + 1);
        if (allowance.trySetLimit(limit)) {
          wrong += held.get() > limit || allowance.limit() != limit ? 1 : 0;
        }
      }
      return wrong;
    };
  }

  private static List<Long> together(List<Callable<Long>> work) throws Exception {
    List<Long> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      for (Future<Long> result : threads.invokeAll(work, 50, TimeUnit.SECONDS)) {
        results.add(result.get());
      }
    }
    return results;
  }

  @ParameterizedTest(name = "{0} threads")
  @ValueSource(ints = {2, 3, 4})
  void theLimitIsNeverOverstepped(int threads) throws Exception {
    SplittableRandom random = Seed.random("AllowanceThreadsTest");
    List<Callable<Long>> work = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      work.add(taker(random.split(), LIMIT));
    }
    together(work);
    assertThat(highest.get()).isBetween(1L, (long) LIMIT);
    assertThat(allowance.taken()).isZero();
    assertThat(allowance.peak()).isBetween(highest.get(), (long) LIMIT);
  }

  @Test
  void whatFitsIsNeverRefused() throws Exception {
    SplittableRandom random = Seed.random("AllowanceThreadsTest");
    List<Long> refused =
        together(
            List.of(
                taker(random.split(), LIMIT / 4),
                taker(random.split(), LIMIT / 4),
                taker(random.split(), LIMIT / 4),
                taker(random.split(), LIMIT / 4)));
    assertThat(refused).containsOnly(0L);
    assertThat(allowance.taken()).isZero();
  }

  /** Sets a limit that cannot be, again and again; how often it was set. */
  private Callable<Long> vainSetter() {
    return () -> {
      long set = 0;
      for (int i = 0; i < TIMES; i++) {
        set += allowance.trySetLimit(LIMIT / 2 - 1) ? 1 : 0;
      }
      return set;
    };
  }

  @Test
  void aLimitThatIsRefusedRefusesNobody() throws Exception {
    SplittableRandom random = Seed.random("AllowanceThreadsTest");
    assertThat(allowance.tryTake(LIMIT / 2)).isTrue();
    List<Long> refusedOrSet =
        together(
            List.of(
                taker(random.split(), LIMIT / 4), taker(random.split(), LIMIT / 4), vainSetter()));
    assertThat(refusedOrSet).containsOnly(0L);
    assertThat(allowance.giveBack(LIMIT / 2)).isZero();
    assertThat(allowance.limit()).isEqualTo(LIMIT);
  }

  @Test
  void aLimitThatWasSetHoldsAtOnce() throws Exception {
    SplittableRandom random = Seed.random("AllowanceThreadsTest");
    assertThat(allowance.trySetLimit(1)).isTrue(); // so that some are refused in any case
    List<Long> results =
        together(
            List.of(
                setter(random.split()),
                taker(random.split(), LIMIT / 2),
                taker(random.split(), LIMIT / 2)));
    assertThat(results.getFirst()).as("looks at more than the limit").isZero();
    assertThat(results.get(1)).as("takes that were refused").isPositive();
    assertThat(highest.get()).isBetween(1L, (long) LIMIT);
    assertThat(allowance.taken()).isZero();
  }

  /** Raises by some and lowers by as much; how often the latter was refused. */
  private Callable<Long> swinger(SplittableRandom random) {
    return () -> {
      long refused = 0;
      for (int i = 0; i < TIMES; i++) {
        int by = random.nextInt(LIMIT);
        allowance.raiseLimit(by);
        while (!allowance.tryLowerLimit(by)) {
          refused++;
          Thread.onSpinWait();
        }
      }
      return refused;
    };
  }

  @Test
  void settersDoNotLoseEachOthersChanges() throws Exception {
    SplittableRandom random = Seed.random("AllowanceThreadsTest");
    together(
        List.of(
            swinger(random.split()), swinger(random.split()), taker(random.split(), 2 * LIMIT)));
    assertThat(allowance.limit()).isEqualTo(LIMIT);
    assertThat(allowance.taken()).isZero();
    assertThat(allowance.peak()).isBetween(1L, 3L * LIMIT);
  }
}
