package io.cistern;

import static io.cistern.PressureLevel.CRITICAL;
import static io.cistern.PressureLevel.LOW;
import static io.cistern.PressureLevel.NORMAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Thresholds and their hysteresis against tables, and against integer arithmetic. */
class PressureLimitsTest {
  private final PressureLimits limits = PressureLimits.defaults();

  @Test
  void defaults() {
    assertThat(limits).isEqualTo(new PressureLimits(80, 95, 0, 0, 70, 85, 5));
  }

  @Test
  void eachPairIsReplacedByItself() {
    assertThat(
            limits
                .withUsedPercent(10, 20)
                .withFreeBytes(50, 20)
                .withFragmentationPercent(30, 40)
                .withHysteresisPercent(2))
        .isEqualTo(new PressureLimits(10, 20, 50, 20, 30, 40, 2));
    assertThat(limits).isEqualTo(PressureLimits.defaults());
  }

  @ParameterizedTest
  @CsvSource({"0, 95", "-1, 95", "80, 80", "95, 80", "80, 100.5", "NaN, 95", "80, NaN"})
  void percentagesMustBeInOrder(double low, double critical) {
    String numbers = "thresholds of %s %% and %s %%: ".formatted(low, critical);
    String needed = "0 < low < critical <= 100 is needed";
    assertThatThrownBy(() -> limits.withUsedPercent(low, critical))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("used " + numbers + needed);
    assertThatThrownBy(() -> limits.withFragmentationPercent(low, critical))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("fragmentation " + numbers + needed);
  }

  @ParameterizedTest
  @CsvSource({"20, 50", "0, 1", "50, -1", "-1, -2"})
  void freeBytesMustBeInOrder(long low, long critical) {
    assertThatThrownBy(() -> limits.withFreeBytes(low, critical))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "free thresholds of %d B and %d B: 0 <= critical <= low is needed"
                .formatted(low, critical));
  }

  @ParameterizedTest
  @CsvSource({"-0.5", "50.5", "NaN"})
  void hysteresisHasBounds(double points) {
    assertThatThrownBy(() -> limits.withHysteresisPercent(points))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("hysteresis of %s %%: 0 to 50 percent points are possible".formatted(points));
  }

  @ParameterizedTest
  @CsvSource({
    "NORMAL, 51200, NORMAL",
    "NORMAL, 51199, LOW",
    "LOW, 51200, LOW",
    "LOW, 56319, LOW",
    "LOW, 56320, NORMAL",
    "LOW, 20480, LOW",
    "LOW, 20479, CRITICAL",
    "CRITICAL, 20480, CRITICAL",
    "CRITICAL, 22527, CRITICAL",
    "CRITICAL, 22528, LOW",
    "CRITICAL, 56320, NORMAL",
    "NORMAL, 0, CRITICAL",
    "NORMAL, 20480, LOW",
    "CRITICAL, 9223372036854775807, NORMAL"
  })
  void freeBytesBelow50And20Kibibytes(PressureLevel before, long free, PressureLevel after) {
    assertThat(limits.withFreeBytes(50 << 10, 20 << 10).free(before, free)).isEqualTo(after);
  }

  @ParameterizedTest
  @CsvSource({"NORMAL, 0", "LOW, 0", "CRITICAL, 0", "NORMAL, 9223372036854775807"})
  void freeBytesThatAreNotWatchedAreNormal(PressureLevel before, long free) {
    assertThat(limits.free(before, free)).isEqualTo(NORMAL);
  }

  @Test
  void thresholdsUpToTheLargestNumberDoNotOverflow() {
    PressureLimits huge = limits.withFreeBytes(Long.MAX_VALUE, Long.MAX_VALUE - 1);
    assertThat(huge.free(NORMAL, 0)).isEqualTo(CRITICAL);
    assertThat(huge.free(NORMAL, Long.MAX_VALUE)).isEqualTo(NORMAL);
    assertThat(huge.free(CRITICAL, Long.MAX_VALUE)).as("10 % more cannot be").isEqualTo(CRITICAL);
  }

  @ParameterizedTest
  @CsvSource({
    "NORMAL, 69.9, NORMAL", "NORMAL, 70, LOW", "LOW, 65.1, LOW", "LOW, 65, NORMAL",
    "LOW, 84.9, LOW", "NORMAL, 85, CRITICAL", "CRITICAL, 80.1, CRITICAL", "CRITICAL, 80, LOW",
    "CRITICAL, 65, NORMAL", "CRITICAL, 0, NORMAL", "LOW, -1, NORMAL"
  })
  void fragmentationFrom70And85Percent(PressureLevel before, double now, PressureLevel after) {
    assertThat(limits.fragmentation(before, now)).isEqualTo(after);
  }

  @ParameterizedTest
  @CsvSource({"80, 95, 5", "1, 2, 5", "29, 58, 0", "50, 100, 50", "3, 97, 10"})
  void useIsExactForEveryAmount(int low, int critical, int hysteresis) {
    PressureLimits tested = limits.withUsedPercent(low, critical).withHysteresisPercent(hysteresis);
    for (long total = 1; total <= 100; total++) {
      for (long used = 0; used <= total; used++) {
        for (PressureLevel before : PressureLevel.values()) {
          assertThat(tested.used(before, used, total))
              .as("%s, %d of %d", before, used, total)
              .isEqualTo(expected(before, 100 * used, total, low, critical, hysteresis));
        }
      }
    }
  }

  /** Percents times total are whole numbers. */
  private static PressureLevel expected(
      PressureLevel before, long use, long total, int low, int critical, int hysteresis) {
    if (use == 0) {
      return NORMAL;
    }
    if (use >= critical * total || (before == CRITICAL && use > (critical - hysteresis) * total)) {
      return CRITICAL;
    }
    return use >= low * total || (before != NORMAL && use > (low - hysteresis) * total)
        ? LOW
        : NORMAL;
  }
}
