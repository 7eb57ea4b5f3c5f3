package io.cistern.benchmarks.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.benchmarks.pattern.Pattern;
import io.cistern.benchmarks.subject.Subject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The order of forks, what becomes of a failure, and the time that is told. Time budget: 1 s. */
class SessionTest {
  private static final Cell GOOD = Cell.of(Pattern.MIXED, Subject.CISTERN_SHARED, 1);
  private static final Cell BAD = Cell.of(Pattern.MIXED, Subject.ARROW, 1);
  private static final Cell LAST = Cell.of(Pattern.MIXED, Subject.KAFKA, 1);
  private static final Plan PLAN = new Plan(List.of(GOOD, BAD, LAST), List.of());

  private final List<Cell> asked = new ArrayList<>();
  private final List<String> told = new ArrayList<>();

  private ForkResult run(Cell cell, Effort effort) throws ForkFailedException {
    asked.add(cell);
    if (cell.equals(BAD)) {
      throw new ForkFailedException(cell, "first\nlast\n", new IllegalStateException());
    }
    return new ForkResult(List.of(new Sample(0, asked.size(), 0)), Optional.empty());
  }

  private final Progress progress =
      new Progress() {
        @Override
        public void onFork(Cell cell, int number, int forks, Duration left) {
          told.add("%d/%d".formatted(number, forks));
        }

        @Override
        public void onResult(Cell cell, ForkResult result) {
          told.add(cell.subject().id());
        }

        @Override
        public void onFailure(ForkFailedException failure) {
          told.add(String.valueOf(failure.getMessage()));
        }
      };

  @Test
  void roundsGoThroughAllCellsAndAFailedCellIsNotTriedAgain() {
    Session session = Session.full(PLAN, 2, this::run, progress, () -> false);
    Map<Cell, List<ForkResult>> results = session.run();
    assertThat(asked).containsExactly(GOOD, BAD, LAST, GOOD, LAST);
    assertThat(results.keySet()).containsExactly(GOOD, LAST);
    assertThat(results.get(LAST)).hasSize(2);
    assertThat(session.hasFailures()).isTrue();
    assertThat(told)
        .containsExactly(
            "1/6",
            "cistern-shared",
            "2/6",
            "mixed, 1 thread, arrow: first\nlast",
            "3/6",
            "kafka",
            "4/6",
            "cistern-shared",
            "6/6",
            "kafka");
  }

  @Test
  void nothingIsStartedOnceItIsStopped() {
    Session session = Session.full(PLAN, 3, this::run, progress, () -> asked.size() == 1);
    assertThat(session.run().keySet()).containsExactly(GOOD);
    assertThat(asked).containsExactly(GOOD);
    assertThat(session.hasFailures()).isFalse();
  }

  @Test
  void aQuickForkMeasuresForItsShareOfTheTime() {
    Cell pair = Cell.sized(Pattern.PAIR, Subject.CISTERN_SHARED, 1, List.of(64, 1024, 65536));
    Pace pace = Pace.within(Duration.ofSeconds(50));
    pace.took(Duration.ofSeconds(3), Duration.ofSeconds(4));
    pace.took(Duration.ofSeconds(3), Duration.ofSeconds(4));
    Duration share = pace.next(pair, 10, Duration.ZERO).of(pair);
    assertThat(share).isBetween(Duration.ofMillis(3900), Duration.ofSeconds(4));
    Duration late = pace.next(pair, 10, Duration.ofSeconds(49)).of(pair);
    assertThat(late).isBetween(Duration.ofMillis(1400), Duration.ofMillis(1500));
  }

  @Test
  void aFullForkTakesItsTimeHoweverLate() {
    Effort effort = Pace.full().next(GOOD, 1, Duration.ofHours(1));
    assertThat(effort).isEqualTo(Effort.full(GOOD));
    assertThat(effort.of(GOOD)).isEqualTo(Duration.ofSeconds(3));
  }
}
