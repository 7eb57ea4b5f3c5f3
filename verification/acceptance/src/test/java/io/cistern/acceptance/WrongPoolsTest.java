package io.cistern.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The checks of a reference, run on pools that are not what it asks for, fail. Time budget: 10 s.
 */
class WrongPoolsTest {
  private static List<String> failedOn(String profile, Suite suite) {
    Suite moved = new Suite(suite.reference(), profile, suite.title(), suite.checks());
    return Acceptance.runSuites(List.of(moved), AcceptanceListener.SILENT).results().stream()
        .filter(result -> !result.passed())
        .map(Result::id)
        .toList();
  }

  @Test
  void prismChecksOnFivePools() {
    assertThat(failedOn("modesp", PrismSuite.suite()))
        .contains(
            "R1.1", "R1.2", "R1.3", "R1.5", "R1.8", "R1.11", "R1.12", "R1.13", "R1.15", "R1.16");
  }

  @Test
  void modespChecksOnThreePools() {
    assertThat(failedOn("prism", ModespSuite.suite()))
        .contains("R2.1", "R2.2", "R2.3", "R2.4", "R2.8", "R2.9", "R2.10")
        .contains("R2.14", "R2.15", "R2.16", "R2.17", "R2.18", "R2.22");
  }

  @Test
  void esp32s3ChecksOnFewerBlocks() {
    assertThat(failedOn("prism", Esp32s3Suite.suite()))
        .contains("R3.1", "R3.2", "R3.4", "R3.5", "R3.6", "R3.9", "R3.16");
  }

  @Test
  void esp32s3ChecksOnSmallBlocks() {
    assertThat(failedOn("modesp", Esp32s3Suite.suite()))
        .contains("R3.3", "R3.7", "R3.8", "R3.9", "R3.10", "R3.18", "R3.20");
  }

  @Test
  void audioChecksOnOtherPoolsAllFail() {
    assertThat(failedOn("numeric", AudioSuite.suite()))
        .containsExactlyElementsOf(AudioSuite.suite().checks().stream().map(Check::id).toList());
  }

  @Test
  void numericChecksOnTiersFail() {
    assertThat(failedOn("prism", NumericSuite.suite()))
        .contains("R5.1", "R5.2", "R5.3", "R5.4", "R5.5", "R5.6", "R5.9", "R5.10");
  }
}
