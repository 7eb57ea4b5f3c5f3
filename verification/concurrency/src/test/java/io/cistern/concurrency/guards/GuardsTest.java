package io.cistern.concurrency.guards;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.concurrency.Child;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * No race that cannot fail: each guard of {@code guards.txt} is taken out of a copy of core, and
 * the races and stress runs that are there to test it must fail.
 *
 * <p>Not part of the build, since it takes about ten minutes on two quiet cores: {@code
 * -Dcistern.guards=all}, or part of the name of one.
 */
@Tag("guards")
class GuardsTest {
  private static final String ROOM = "io.cistern.concurrency.";
  private static final Duration LIMIT = Duration.ofMinutes(10);

  /** Milliseconds a race: the second time, and the third, it gets longer. */
  private static final List<String> PATIENCE = List.of("1000", "5000", "20000");

  private static final Pattern FORBIDDEN =
      Pattern.compile("(?m)^(\\S+) .*: Observed forbidden state: (.*?)(?: \\([^()]*\\))?$");

  /** An actor or the walk afterwards threw. */
  private static final Pattern ERROR =
      Pattern.compile("(?m)^(\\S+) .* had failed with the test error\\.$");

  @TempDir private Path folder;

  /** A race that failed, and how. */
  private record Seen(String race, String outcome) {}

  static Stream<Guard> guards() throws IOException {
    String wanted = System.getProperty("cistern.guards", "");
    return Guards.read().stream()
        .filter(guard -> wanted.equals("all") || guard.name().contains(wanted));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("guards")
  void isMissed(Guard guard) throws Exception {
    Path core = CoreWithout.compile(guard, folder);
    for (Guard.Race race : guard.races()) {
      expectRaceToFail(guard, race, core);
    }
    for (String run : guard.stress()) {
      Child child = Child.java(folder, List.of(core), LIMIT, StressRun.class, run);
      assertThat(child.exitCode()).as("%s without: %s", run, guard).isEqualTo(StressRun.FAILED);
      System.out.printf("without: %s%n  %s fails%n", guard, run);
    }
  }

  private void expectRaceToFail(Guard guard, Guard.Race race, Path core) throws Exception {
    Set<String> missing = racesNamed(race.pattern());
    assertThat(missing).as("races named %s", race.pattern()).isNotEmpty();
    for (String millis : PATIENCE) {
      if (!missing.isEmpty()) {
        String names = "^(" + String.join("|", missing) + ")$";
        Child child =
            Child.races(folder, List.of(core), LIMIT, "quick", "-time", millis, "-t", names);
        for (Seen seen : seen(child.output())) {
          if (race.outcome().matcher(seen.outcome).matches() && missing.remove(seen.race)) {
            System.out.printf("without: %s%n  %s sees '%s'%n", guard, seen.race, seen.outcome);
          }
        }
      }
    }
    assertThat(missing).as("races that see no '%s' without: %s", race.outcome(), guard).isEmpty();
  }

  private static Set<String> racesNamed(String pattern) {
    Pattern name = Pattern.compile(Pattern.quote(ROOM) + pattern);
    return Child.raceNames().stream()
        .filter(name.asMatchPredicate())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<Seen> seen(String output) {
    return Stream.concat(
            FORBIDDEN.matcher(output).results().map(it -> new Seen(it.group(1), it.group(2))),
            ERROR.matcher(output).results().map(it -> new Seen(it.group(1), "test error")))
        .toList();
  }
}
