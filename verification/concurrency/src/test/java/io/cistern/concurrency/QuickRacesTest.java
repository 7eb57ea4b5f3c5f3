package io.cistern.concurrency;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Every race, briefly. The report is in {@code target/races}.
 *
 * <p>Budget: 100 s on two cores; killed after ten minutes.
 */
class QuickRacesTest {
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final String MILLIS_EACH = "250";

  @Test
  void noForbiddenOutcome() throws Exception {
    Jcstress run =
        Jcstress.run(Path.of("target", "races"), List.of(), LIMIT, "quick", "-time", MILLIS_EACH);
    long races = races();
    assertThat(run.exitCode()).as(run.output()).isZero();
    assertThat(run.output())
        .as("all races ran, none was skipped")
        .contains(
            "(Results: %1$d planned; %1$d passed, 0 failed, 0 soft errs, 0 hard errs)"
                .formatted(races));
  }

  /** As many as jcstress has found when it compiled them. */
  private static long races() throws IOException {
    try (InputStream list = Races.class.getResourceAsStream("/META-INF/TestList")) {
      assertThat(list).isNotNull();
      return new String(list.readAllBytes(), UTF_8).lines().count();
    }
  }
}
