package io.cistern.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cistern.benchmarks.BenchOptions.UsageException;
import io.cistern.benchmarks.pattern.Pattern;
import io.cistern.benchmarks.subject.Subject;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is understood and what is refused. Time budget: 1 s. */
class BenchOptionsTest {
  @TempDir private Path folder;

  private static void refused(String message, String... args) {
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> BenchOptions.parse(args))
        .withMessageContaining(message);
  }

  @Test
  void withoutOptionsEverythingIsMeasuredInThreeForks() throws UsageException {
    BenchOptions options = BenchOptions.parse();
    assertThat(options.quick()).isFalse();
    assertThat(options.patterns()).containsExactlyInAnyOrder(Pattern.values());
    assertThat(options.subjects()).containsExactlyInAnyOrder(Subject.values());
    assertThat(options.forks()).isEqualTo(3);
    assertThat(options.json()).isEmpty();
  }

  @Test
  void listsAreSeparatedByCommas() throws UsageException {
    BenchOptions options =
        BenchOptions.parse("--only", "pair,mixed", "--subjects=malloc-ffm", "--forks", "10");
    assertThat(options.patterns()).containsExactlyInAnyOrder(Pattern.PAIR, Pattern.MIXED);
    assertThat(options.subjects()).containsExactly(Subject.MALLOC_FFM);
    assertThat(options.forks()).isEqualTo(10);
  }

  @Test
  void anUnknownPatternListsThoseThereAre() {
    refused(
        "--only pairs: no such pattern; there are:"
            + " pair, batch, mixed, handoff, refused, stats, snapshot, usage, arena, latency, echo",
        "--only",
        "pairs");
    refused("--subjects nobody: no such subject; there are: cistern-shared, ", "--subjects=nobody");
  }

  @Test
  void wrongNumbersAndNamesAreRefused() {
    refused("--forks 0: a number from 1 to 100 is needed", "--forks", "0");
    refused("--forks x: a number from 1 to 100 is needed", "--forks", "x");
    refused("fast is not a recognized option", "--fast");
    refused("there is pair", "pair");
    refused("--quick measures the pattern pair alone", "--quick", "--only", "batch");
    refused("--forks cannot be given with it", "--quick", "--forks", "2");
  }

  @Test
  void whatCannotBeWrittenIsRefusedBeforeAnythingIsMeasured() throws Exception {
    refused("is a folder, a file is needed", "--json", folder.toString());
    refused("there is no folder", "--json", folder.resolve("none/x.json").toString());
    Path file = Files.writeString(folder.resolve("page.md"), "no markers");
    refused("is a file, a folder is needed", "--charts", file.toString());
    refused("has no lines '<!-- cistern bench: begin -->'", "--docs", file.toString());
    assertThat(BenchOptions.parse("--json", "-").json()).contains("-");
  }
}
