package io.cistern;

import static io.cistern.PressureLevel.CRITICAL;
import static io.cistern.PressureLevel.LOW;
import static io.cistern.PressureLevel.NORMAL;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Levels against integer arithmetic: every move from every use to every other, in pools of every
 * total up to 100. Time budget: 3 seconds.
 */
class PressureTest {
  private static final int HYSTERESIS = 5;

  /** What the level must be; percents times total are exact. */
  private static PressureLevel expected(
      PressureLevel before, long used, long total, int low, int critical) {
    long use = 100 * used;
    if (use >= critical * total || (before == CRITICAL && use > (critical - HYSTERESIS) * total)) {
      return CRITICAL;
    }
    return use >= low * total || (before != NORMAL && use > (low - HYSTERESIS) * total)
        ? LOW
        : NORMAL;
  }

  @ParameterizedTest
  @CsvSource({"80, 95", "1, 2", "7, 14", "29, 58", "50, 55", "57, 100", "99, 100", "3, 97"})
  void everyMove(int low, int critical) {
    for (int total = 1; total <= 100; total++) {
      for (long from = 0; from <= total; from++) {
        for (long to = 0; to <= total; to++) {
          Pressure pressure = new Pressure(low, critical);
          pressure.update(from, total);
          PressureLevel before = expected(NORMAL, from, total, low, critical);
          PressureLevel after = expected(before, to, total, low, critical);
          Pressure.Change change = pressure.update(to, total);
          if (before == after
              ? change != null
              : !new Pressure.Change(before, after).equals(change)) {
            throw new AssertionError("from %d to %d of %d: %s".formatted(from, to, total, change));
          }
        }
      }
    }
  }

  @Test
  void everyWholePercentOfEveryTotal() {
    for (int percent = 1; percent < 100; percent++) {
      for (int total = 1; total <= 2000; total++) {
        long first = ((long) percent * total + 99) / 100;
        Pressure pressure = new Pressure(percent, 100);
        if (pressure.peek(first - 1, total) != NORMAL || pressure.peek(first, total) == NORMAL) {
          throw new AssertionError("%d %% of %d is not %d".formatted(percent, total, first));
        }
      }
    }
  }

  @Test
  void theDefaultsAreExactUpTo64Terabytes() {
    for (long total = 1; total < 1L << 46; total += 1 + total / 1000) {
      Pressure pressure = new Pressure(80, 95);
      long low = (80 * total + 99) / 100;
      long critical = (95 * total + 99) / 100;
      assertThat(pressure.peek(low - 1, total)).isEqualTo(NORMAL);
      assertThat(pressure.peek(low, total)).isNotEqualTo(NORMAL);
      assertThat(pressure.peek(critical - 1, total)).isNotEqualTo(CRITICAL);
      assertThat(pressure.peek(critical, total)).isEqualTo(CRITICAL);
    }
  }

  @Test
  void lookingDoesNotMove() {
    Pressure pressure = new Pressure(80, 95);
    assertThat(pressure.peek(100, 100)).isEqualTo(CRITICAL);
    assertThat(pressure.update(91, 100)).isEqualTo(new Pressure.Change(NORMAL, LOW));
    assertThat(pressure.peek(100, 100)).isEqualTo(CRITICAL);
    assertThat(pressure.update(91, 100)).isNull();
  }
}
