package io.cistern.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigValueFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What sizes mean and how they are shown; which misspelt words are recognised. Time budget: 1 s.
 */
class ValuesTest {
  @ParameterizedTest
  @CsvSource({
    "4096, 4096",
    "4 KiB, 4096",
    "4KiB, 4096",
    "4K, 4096",
    "4 kB, 4000",
    "0.5 KiB, 512",
    "1e3, 1000",
    "1.0, 1",
    "20 B, 20",
    "1 GiB, 1073741824",
    "2 megabytes, 2000000",
    "-1 KiB, -1024"
  })
  void sizes(String text, long bytes) {
    assertThat(Values.bytes(ConfigValueFactory.fromAnyRef(text)))
        .isEqualByComparingTo(String.valueOf(bytes));
  }

  @ParameterizedTest
  @CsvSource({
    "''",
    "KiB",
    "4 KB",
    "4.3 KiB",
    "0.5",
    "4 KiB more",
    "1e3 KiB",
    "NaN",
    "0x10",
    "true"
  })
  void whatIsNoSize(String text) {
    assertThat(Values.bytes(ConfigValueFactory.fromAnyRef(text))).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1, 1 B",
    "1000, 1000 B",
    "1024, 1 KiB",
    "1536, 1536 B",
    "20480, 20 KiB",
    "1073741824, 1 GiB"
  })
  void sizesAreShownInTheLargestUnitWithoutAFraction(long bytes, String shown) {
    assertThat(Values.size(bytes)).isEqualTo(shown);
  }

  @Test
  void longValuesAreCutInMessagesOnly() {
    String text = "x".repeat(200);
    assertThat(Values.show(ConfigValueFactory.fromAnyRef(text))).isEqualTo("x".repeat(60) + "…");
    assertThat(Values.text(ConfigValueFactory.fromAnyRef(text))).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "spill, spill, 0",
    "Spill, spill, 0",
    "spil, spill, 1",
    "splil, spill, 2",
    "cuont, count, 2",
    "'', kind, 4",
    "size, label, 4"
  })
  void distances(String one, String other, int distance) {
    assertThat(Spelling.distance(one, other)).isEqualTo(distance);
    assertThat(Spelling.distance(other, one)).isEqualTo(distance);
  }
}
