package io.cistern.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each relation allows, and how numbers read. Time budget: 1 s. */
class LimitTest {
  @ParameterizedTest
  @CsvSource({
    "EXACTLY,  false, true,  false",
    "BELOW,    true,  false, false",
    "AT_MOST,  true,  true,  false",
    "ABOVE,    false, false, true",
    "AT_LEAST, false, true,  true",
  })
  void relations(Limit.Relation relation, boolean less, boolean equal, boolean more) {
    Limit limit = new Limit(relation, 5, "B");
    assertThat(limit.allows(4.9)).isEqualTo(less);
    assertThat(limit.allows(5)).isEqualTo(equal);
    assertThat(limit.allows(5.1)).isEqualTo(more);
    assertThat(limit.allows(Double.NaN)).isFalse();
  }

  @Test
  void text() {
    assertThat(Limit.exactly(57_344, "B")).hasToString("= 57344 B");
    assertThat(Limit.below(100, "µs")).hasToString("< 100 µs");
    assertThat(Limit.atMost(8064, "B")).hasToString("≤ 8064 B");
    assertThat(Limit.above(90, "%")).hasToString("> 90 %");
    assertThat(Limit.atLeast(0.5, "%")).hasToString("≥ 0.500 %");
    assertThat(Limit.exactly(0, "µs").show(0.0621)).isEqualTo("0.062 µs");
    assertThat(Limit.exactly(0, "%").show(-56.84)).isEqualTo("-56.8 %");
  }
}
