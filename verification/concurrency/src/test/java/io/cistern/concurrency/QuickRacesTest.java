package io.cistern.concurrency;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Every race, briefly. The report is in {@code target/races/results}.
 *
 * <p>Budget: 90 s on two quiet cores; killed after ten minutes.
 */
class QuickRacesTest {
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final String MILLIS_EACH = "250";

  @Test
  void noForbiddenOutcome() throws Exception {
    Child run =
        Child.races(Path.of("target", "races"), List.of(), LIMIT, "quick", "-time", MILLIS_EACH);
    assertThat(run.exitCode()).as(run.output()).isZero();
    assertThat(run.output())
        .as("all races ran, none was skipped")
        .contains(
            "(Results: %1$d planned; %1$d passed, 0 failed, 0 soft errs, 0 hard errs)"
                .formatted(Child.raceNames().size()));
  }
}
