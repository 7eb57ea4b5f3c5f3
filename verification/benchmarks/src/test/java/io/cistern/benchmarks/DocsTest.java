package io.cistern.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.benchmarks.pattern.Pattern;
import io.cistern.benchmarks.report.PageSection;
import io.cistern.benchmarks.subject.Subject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** docs/performance.md says what the code does. Time budget: 1 s. */
class DocsTest {
  private static final Path PAGE = Path.of("../../docs/performance.md");

  private static void explains(String name) throws IOException {
    assertThat(Files.readAllLines(PAGE))
        .as("rows that explain " + name)
        .filteredOn(line -> line.startsWith("|") && line.split("\\|", -1)[1].contains("`" + name))
        .isNotEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void everySubjectIsExplained(Subject subject) throws IOException {
    explains(subject.id() + "`");
  }

  @ParameterizedTest
  @EnumSource
  void everyPatternIsExplained(Pattern pattern) throws IOException {
    explains(pattern.id() + "`");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"--quick", "--json", "--only", "--subjects", "--forks", "--charts", "--docs"})
  void everyOptionIsExplained(String option) throws IOException {
    explains(option);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pattern",
        "threads",
        "subject",
        "nsPerOp",
        "errorNs",
        "bytesPerOp",
        "ratioToMalloc",
        "ratioToBestPeer",
        "size",
        "sizes",
        "blocks",
        "percentilesNs"
      })
  void everyFieldIsExplained(String field) throws IOException {
    explains(field + "`");
  }

  @Test
  void thePageTakesFigures() {
    assertThat(PageSection.problem(PAGE)).isEmpty();
  }
}
