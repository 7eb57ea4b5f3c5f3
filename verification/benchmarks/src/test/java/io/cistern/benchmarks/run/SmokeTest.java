package io.cistern.benchmarks.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.benchmarks.pattern.Pattern;
import io.cistern.benchmarks.subject.Sizes;
import io.cistern.benchmarks.subject.Subject;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;

/**
 * Every pattern with every subject, with the fewest threads and with the most: one call in this
 * JVM, through JMH, and no timing. Closing what was measured checks it ({@code verify()} for pools
 * of ours), and a check that fails fails the run. Time budget: 30 s.
 */
class SmokeTest {
  private static final List<Integer> SIZES = Arrays.stream(Sizes.tiers()).boxed().toList();

  static Stream<Cell> everything() {
    List<Cell> cells = new ArrayList<>();
    for (Pattern pattern : Pattern.values()) {
      for (Subject subject : pattern.subjects().stream().filter(SmokeTest::opensHere).toList()) {
        List<Integer> threads = pattern.threads(subject);
        Stream.of(threads.getFirst(), threads.getLast())
            .distinct()
            .forEach(count -> cells.add(cell(pattern, subject, count)));
      }
    }
    return cells.stream();
  }

  /** A library that must be preloaded needs a JVM of its own: {@link ForkRunnerTest}. */
  private static boolean opensHere(Subject subject) {
    return subject.library().stream()
        .allMatch(library -> library.isInstalled() && !library.isPreloaded());
  }

  private static Cell cell(Pattern pattern, Subject subject, int threads) {
    return switch (pattern) {
      case PAIR, ARENA -> Cell.sized(pattern, subject, threads, SIZES);
      case REFUSED -> Cell.refused(subject, threads, 1 << 20);
      default -> Cell.of(pattern, subject, threads);
    };
  }

  @ParameterizedTest
  @MethodSource("everything")
  void runsOnceAndIsSoundAfterwards(Cell cell) throws RunnerException {
    ChainedOptionsBuilder options =
        ForkRunner.options(cell)
            .forks(0)
            .mode(Mode.SingleShotTime)
            .warmupIterations(0)
            .measurementIterations(cell.round());
    if (cell.pattern() == Pattern.LATENCY) {
      options.param("steps", "20");
    }
    ByteArrayOutputStream talk = new ByteArrayOutputStream();
    Collection<RunResult> results = ForkRunner.run(options, talk);
    assertThat(results).as(talk.toString(StandardCharsets.UTF_8)).hasSize(1);
    assertThat(results.iterator().next().getParams().getThreads()).isEqualTo(cell.threads());
  }
}
