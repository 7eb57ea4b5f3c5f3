package io.cistern.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.config.Profile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The list of checks is whole, and docs/validate.md tells the same. Time budget: 1 s. */
class CatalogueTest {
  private static final Path DOC = Path.of("..", "..", "docs", "validate.md");

  private static List<Check> checks() {
    return Acceptance.suites().stream().flatMap(suite -> suite.checks().stream()).toList();
  }

  @Test
  void everyShippedProfileHasOneSuite() {
    assertThat(Acceptance.profiles()).containsExactlyElementsOf(Profile.names());
  }

  @Test
  void elevenTestsOfR1ComeFirst() {
    List<Check> prism = Acceptance.suites().getFirst().checks();
    assertThat(prism).hasSizeGreaterThanOrEqualTo(11);
    assertThat(prism.get(0)).hasToString("R1.1 initial statistics");
    assertThat(prism.get(10)).hasToString("R1.11 dump");
  }

  @Test
  void idsAreUnique() {
    Map<String, Long> counts =
        checks().stream().collect(Collectors.groupingBy(Check::id, Collectors.counting()));
    assertThat(counts.values()).isNotEmpty().containsOnly(1L);
  }

  @Test
  void everyCheckSaysWhatItCovers() {
    assertThat(checks()).allSatisfy(check -> assertThat(check.statement()).isNotBlank());
  }

  @Test
  void docsHaveTheSameTable() throws IOException {
    List<String> expected =
        Acceptance.suites().stream()
            .flatMap(suite -> suite.checks().stream().map(check -> row(suite, check)))
            .toList();
    List<String> rows =
        Files.readAllLines(DOC).stream().filter(line -> line.startsWith("| `R")).toList();
    assertThat(rows)
        .as("table of checks; it should read%n%s%n", String.join("\n", expected))
        .isEqualTo(expected);
  }

  @Test
  void docsSayForEveryCheckWhatItCovers() throws IOException {
    String doc = Files.readString(DOC);
    String covered = doc.substring(doc.indexOf("## What is covered"));
    Set<String> mentioned =
        Pattern.compile("R\\d(-2k)?\\.\\d+")
            .matcher(covered)
            .results()
            .map(MatchResult::group)
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(mentioned)
        .isEqualTo(checks().stream().map(Check::id).collect(Collectors.toCollection(TreeSet::new)));
  }

  private static String row(Suite suite, Check check) {
    return "| `%s` | %s | %s | %s | %s |"
        .formatted(check.id(), suite.profile(), check.title(), check.limit(), check.statement());
  }
}
