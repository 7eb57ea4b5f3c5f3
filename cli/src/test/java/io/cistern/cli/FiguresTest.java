package io.cistern.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How figures are read and written. Time budget: 1 s. */
class FiguresTest {
  @ParameterizedTest
  @CsvSource({
    "1, 1 B",
    "256, 256 B",
    "1024, 1 KiB",
    "1500, 1500 B",
    "20480, 20 KiB",
    "1073741824, 1 GiB"
  })
  void blockSizes(long bytes, String text) {
    assertThat(Figures.blockSize(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "-1, n/a",
    "0, 0 B",
    "1023, 1023 B",
    "57344, 56 KiB",
    "118000000, 112.5 MiB",
    "1073741823, 1024 MiB",
    "9223372036854775807, 8388608 TiB"
  })
  void amounts(long bytes, String text) {
    assertThat(Figures.amount(bytes)).isEqualTo(text);
  }

  @Test
  void countsSharesAndClocks() {
    assertThat(Figures.count(1_234_567)).isEqualTo("1,234,567");
    assertThat(Figures.compact(99_999)).isEqualTo("99999");
    assertThat(Figures.compact(100_000)).isEqualTo("100k");
    assertThat(Figures.compact(16_777_216)).isEqualTo("16M");
    assertThat(Figures.percent(1, 3)).isEqualTo("33.3 %");
    assertThat(Figures.percent(0, 0)).isEqualTo("0.0 %");
    assertThat(Figures.clock(Duration.ofSeconds(12))).isEqualTo("00:12");
    assertThat(Figures.clock(Duration.ofDays(2).minusSeconds(1))).isEqualTo("47:59:59");
  }

  @ParameterizedTest
  @CsvSource({"500ms, PT0.5S", "5s, PT5S", "2m, PT2M", "48h, PT48H", "8760h, PT8760H"})
  void durations(String text, Duration duration) {
    assertThat(new DurationConverter().convert(text)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "5",
        "s",
        "0s",
        "-5s",
        "1.5s",
        "5 s",
        "5S",
        "5d",
        "8761h",
        "9999999999ms",
        "٣s"
      })
  void durationsRefused(String text) {
    assertThatThrownBy(() -> new DurationConverter().convert(text))
        .hasMessage(
            "'%s' is not a duration: give a whole number and a unit, such as 500ms, 30s, 2m or 48h, up to 8760h"
                .formatted(text));
  }
}
