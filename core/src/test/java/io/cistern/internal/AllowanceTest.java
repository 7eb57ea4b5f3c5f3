package io.cistern.internal;

import static io.cistern.internal.Allowance.UNLIMITED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.Seed;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What one thread can take, give back and limit. Several threads are in {@link
 * AllowanceThreadsTest}, the races in verification/concurrency. Time budget: 1 second.
 */
class AllowanceTest {
  private static void assertFigures(Allowance allowance, long taken, long limit, long peak) {
    assertThat(allowance).hasToString("%d of %d taken, peak %d".formatted(taken, limit, peak));
    assertThat(allowance.taken()).isEqualTo(taken);
    assertThat(allowance.limit()).isEqualTo(limit);
    assertThat(allowance.peak()).isEqualTo(peak);
  }

  @Test
  void theLastOneIsGrantedAndTheNextIsNot() {
    Allowance allowance = new Allowance(10);
    assertThat(allowance.tryTake(9)).isTrue();
    assertThat(allowance.tryTake(2)).isFalse();
    assertThat(allowance.tryTake(1)).isTrue();
    assertThat(allowance.tryTake(1)).isFalse();
    assertFigures(allowance, 10, 10, 10);
    assertThat(allowance.giveBack(4)).isEqualTo(6);
    assertThat(allowance.tryTake(5)).isFalse();
    assertThat(allowance.tryTake(4)).isTrue();
    assertFigures(allowance, 10, 10, 10);
  }

  @Test
  void nothingCanAlwaysBeTaken() {
    Allowance none = new Allowance(0);
    assertThat(none.tryTake(0)).isTrue();
    assertThat(none.tryTake(1)).isFalse();
    assertThat(none.giveBack(0)).isZero();
    assertFigures(none, 0, 0, 0);
  }

  @Test
  void hugeAmountsDoNotOverflow() {
    Allowance allowance = new Allowance(UNLIMITED);
    assertThat(allowance.tryTake(1)).isTrue();
    assertThat(allowance.tryTake(Long.MAX_VALUE)).isFalse();
    assertThat(allowance.tryTake(Long.MAX_VALUE - 1)).isTrue();
    assertThat(allowance.tryTake(1)).isFalse();
    assertThat(allowance.trySetLimit(Long.MAX_VALUE - 1)).isFalse();
    assertFigures(allowance, Long.MAX_VALUE, UNLIMITED, Long.MAX_VALUE);
    assertThat(allowance.giveBack(Long.MAX_VALUE)).isZero();
    assertThat(allowance.trySetLimit(5)).isTrue();
    assertThat(allowance.tryTake(Long.MAX_VALUE)).isFalse();
    assertFigures(allowance, 0, 5, Long.MAX_VALUE);
  }

  @Test
  void moreThanWasTakenCannotBeGivenBack() {
    Allowance allowance = new Allowance(10);
    assertThat(allowance.tryTake(3)).isTrue();
    assertThatThrownBy(() -> allowance.giveBack(4))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("4 given back, but only 3 taken (limit 10)");
    assertFigures(allowance, 3, 10, 3);
  }

  @Test
  void negativeAmountsAreRefused() {
    Allowance allowance = new Allowance(10);
    assertThatThrownBy(() -> new Allowance(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("limit -1: at least 0 is needed");
    assertThatThrownBy(() -> allowance.tryTake(-2))
        .hasMessage("amount to take -2: at least 0 is needed");
    assertThatThrownBy(() -> allowance.giveBack(-3))
        .hasMessage("amount to give back -3: at least 0 is needed");
    assertThatThrownBy(() -> allowance.trySetLimit(-4))
        .hasMessage("limit -4: at least 0 is needed");
    assertThatThrownBy(() -> allowance.raiseLimit(-5))
        .hasMessage("amount to raise by -5: at least 0 is needed");
    assertThatThrownBy(() -> allowance.tryLowerLimit(-6))
        .hasMessage("amount to lower by -6: at least 0 is needed");
    assertFigures(allowance, 0, 10, 0);
  }

  @Test
  void theLimitGoesNoLowerThanWhatIsTaken() {
    Allowance allowance = new Allowance(10);
    assertThat(allowance.tryTake(6)).isTrue();
    assertThat(allowance.trySetLimit(5)).isFalse();
    assertFigures(allowance, 6, 10, 6);
    assertThat(allowance.tryTake(4)).as("nothing was changed").isTrue();
    assertThat(allowance.giveBack(4)).isEqualTo(6);
    assertThat(allowance.trySetLimit(6)).isTrue();
    assertThat(allowance.tryTake(1)).isFalse();
    assertThat(allowance.trySetLimit(7)).isTrue();
    assertThat(allowance.tryTake(1)).isTrue();
    assertFigures(allowance, 7, 7, 10);
  }

  @Test
  void theLimitIsRaisedAndLoweredByAnAmount() {
    Allowance allowance = new Allowance(10);
    allowance.raiseLimit(5);
    assertThat(allowance.tryTake(12)).isTrue();
    assertThat(allowance.tryLowerLimit(4)).isFalse();
    assertThat(allowance.tryLowerLimit(3)).isTrue();
    assertThat(allowance.tryLowerLimit(13)).as("below nothing").isFalse();
    assertFigures(allowance, 12, 12, 12);
    allowance.giveBack(12);
    assertThat(allowance.tryLowerLimit(12)).isTrue();
    assertFigures(allowance, 0, 0, 12);
  }

  @Test
  void aLimitIsNotRaisedToNone() {
    Allowance allowance = new Allowance(10);
    assertThatThrownBy(() -> allowance.raiseLimit(Long.MAX_VALUE - 10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "limit 10 raised by 9223372036854775797: at most 9223372036854775806 are possible");
    assertFigures(allowance, 0, 10, 0);
    allowance.raiseLimit(Long.MAX_VALUE - 11);
    assertFigures(allowance, 0, Long.MAX_VALUE - 1, 0);
  }

  @Test
  void noLimitStaysNone() {
    Allowance allowance = new Allowance(UNLIMITED);
    allowance.raiseLimit(7);
    assertThat(allowance.tryLowerLimit(7)).isTrue();
    assertFigures(allowance, 0, UNLIMITED, 0);
  }

  @Test
  void takingFromWhatWasSeenFailsWhenAnotherAmountIsTaken() {
    Allowance allowance = new Allowance(10);
    assertThat(allowance.takeFrom(0, 4)).isEqualTo(Allowance.Take.TAKEN);
    assertThat(allowance.takeFrom(0, 4)).isEqualTo(Allowance.Take.NOT);
    assertThat(allowance.isBeyond(0, 11)).as("nobody saw 0 now").isFalse();
    assertThat(allowance.takeFrom(4, 7)).isEqualTo(Allowance.Take.NOT);
    assertThat(allowance.isBeyond(4, 7)).isTrue();
    assertThat(allowance.isBeyond(4, 6)).isFalse();
    assertThat(allowance.takeFrom(4, 6)).isEqualTo(Allowance.Take.TAKEN);
    assertFigures(allowance, 10, 10, 10);
  }

  /** The same operations on plain variables. */
  private static final class Model {
    long taken;
    long limit;
    long peak;

    boolean tryTake(long n) {
      boolean granted = n <= limit - taken;
      taken += granted ? n : 0;
      peak = Math.max(peak, taken);
      return granted;
    }

    boolean trySetLimit(long wanted) {
      boolean set = wanted >= taken;
      limit = set ? wanted : limit;
      return set;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {20, 1L << 40, Long.MAX_VALUE - 1})
  void behavesAsItsModel(long bound) {
    SplittableRandom random = Seed.random("AllowanceTest");
    Allowance allowance = new Allowance(bound);
    Model model = new Model();
    model.limit = bound;
    for (int i = 0; i < 100_000; i++) {
      step(random, bound, allowance, model);
      assertThat(allowance.taken()).as("taken after %d", i).isEqualTo(model.taken);
      assertThat(allowance.limit()).as("limit after %d", i).isEqualTo(model.limit);
      assertThat(allowance.peak()).as("peak after %d", i).isEqualTo(model.peak);
    }
  }

  private static void step(SplittableRandom random, long bound, Allowance allowance, Model model) {
    long n = random.nextLong(bound / 2 + 1);
    switch (random.nextInt(5)) {
      case 0, 1 -> assertThat(allowance.tryTake(n)).isEqualTo(model.tryTake(n));
      case 2 -> {
        long less = Math.min(n, model.taken);
        model.taken -= less;
        assertThat(allowance.giveBack(less)).isEqualTo(model.taken);
      }
      case 3 -> {
        long limit = n + random.nextLong(bound / 2 + 1);
        assertThat(allowance.trySetLimit(limit)).isEqualTo(model.trySetLimit(limit));
      }
      default -> {
        boolean lower = n <= model.limit && model.trySetLimit(model.limit - n);
        assertThat(allowance.tryLowerLimit(n)).isEqualTo(lower);
        long more = Math.min(n, bound - model.limit);
        allowance.raiseLimit(more);
        model.limit += more;
      }
    }
  }
}
