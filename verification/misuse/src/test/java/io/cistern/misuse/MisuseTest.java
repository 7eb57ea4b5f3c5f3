package io.cistern.misuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.TestInstance.Lifecycle.PER_CLASS;

import io.cistern.CheckLevel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every case for real, at every level, in every kind of pool. Time budget: 30 s on two cores; the
 * whole room 60 s.
 */
@TestInstance(PER_CLASS)
class MisuseTest {
  private static final int LEAST_CASES = 60;

  /** Held, so that it keeps its level: each case exhausts a pool. */
  private static final Logger LOG = Logger.getLogger("io.cistern");

  private final List<MisuseCase> cases = MisuseSuite.cases();
  private Observations observations;

  @BeforeAll
  void observe(@TempDir Path scratch) {
    LOG.setLevel(Level.OFF);
    observations = Observations.of(cases, scratch);
    LOG.setLevel(null);
  }

  @Test
  void whatIsNotMisusedIsNotHarmed() {
    assertThat(observations.failures()).isEmpty();
  }

  @TestFactory
  Stream<DynamicTest> becomesWhatItShould() {
    return observations.cases().stream()
        .map(one ->
            DynamicTest.dynamicTest(
                one.name(), () -> assertThat(observations.unexpected(one)).isEmpty()));
  }

  @Test
  void everyMisusedFreeIsThrownAtEveryLevel() {
    Predicate<MisuseCase> free = one -> one.group() == Group.FREES && one.beyond().isEmpty();
    assertThat(cases.stream().filter(free)).hasSizeGreaterThan(LEAST_CASES / 2);
    for (CheckLevel level : CheckLevel.values()) {
      assertThat(names(free, one -> observations.latest(one, level) != Seen.THROWN)).isEmpty();
    }
  }

  @Test
  void everythingButReadsIsSeenAtChecked() {
    assertThat(
            names(
                one -> one.group() != Group.READS && one.beyond().isEmpty(),
                one -> observations.latest(one, CheckLevel.CHECKED) == Seen.NOT_SEEN))
        .isEmpty();
  }

  @Test
  void everythingIsSeenAtGuarded() {
    assertThat(
            names(
                one -> one.beyond().isEmpty(),
                one -> observations.latest(one, CheckLevel.GUARDED) == Seen.NOT_SEEN))
        .isEmpty();
  }

  /** Else the excuse hides that it can be seen. */
  @Test
  void whatIsSaidToBeBeyondALevelIs() {
    Predicate<MisuseCase> beyond = one -> !one.beyond().isEmpty();
    assertThat(cases.stream().filter(beyond)).isNotEmpty();
    assertThat(names(beyond, one -> observations.latest(one, CheckLevel.CHECKED) == Seen.THROWN))
        .isEmpty();
  }

  private List<String> names(Predicate<MisuseCase> of, Predicate<MisuseCase> which) {
    return cases.stream().filter(of).filter(which).map(MisuseCase::name).toList();
  }

  @Test
  void thereAreEnoughAndNoneTwice() {
    assertThat(cases).hasSizeGreaterThan(LEAST_CASES);
    assertThat(cases).extracting(MisuseCase::name).doesNotHaveDuplicates();
    assertThat(names(one -> true, one -> one.kinds().isEmpty())).isEmpty();
  }

  @Test
  void thePageSaysSo() throws IOException {
    DocsPage.check("misuse", new MisuseTable(observations).text(), text -> text);
  }
}
