package io.cistern.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.acceptance.Acceptance;
import io.cistern.acceptance.AcceptanceListener;
import io.cistern.acceptance.Limit;
import io.cistern.acceptance.Report;
import io.cistern.acceptance.Result;
import io.cistern.acceptance.Suite;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Lines, report and exit codes of {@code cistern validate}. Time budget: 10 s. */
class ValidateCommandTest {
  private static final Result GOOD = result("R0.1", 0.0625, null);
  private static final Result BAD = result("R0.2", 101.5, "101.5 µs, allowed is < 100 µs");
  private static final Result WITHOUT_FIGURE =
      result("R0.3", null, "blocks: 4, expected 3 (Made.java:7)");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final List<String> asked = new ArrayList<>();

  private static Result result(String id, @Nullable Double figure, @Nullable String failure) {
    return new Result(
        id,
        "R0",
        "prism",
        "made up",
        "a statement",
        Limit.below(100, "µs"),
        figure,
        failure,
        Duration.ofMillis(1500));
  }

  private int run(Ansi ansi, ValidateCommand command, String... args) {
    return new CommandLine(command)
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .setColorScheme(CommandLine.Help.defaultColorScheme(ansi))
        .execute(args);
  }

  private int runWith(List<Result> results, String... args) {
    return run(Ansi.OFF, finding(results), args);
  }

  private ValidateCommand finding(List<Result> results) {
    return finding(results, StandardCharsets.UTF_8);
  }

  private ValidateCommand finding(List<Result> results, Charset charset) {
    return new ValidateCommand(
        (Collection<String> profiles, AcceptanceListener listener) -> {
          asked.addAll(profiles);
          listener.onSuite(new Suite("R0", "prism", "made up", List.of()));
          results.forEach(listener::onResult);
          return new Report(results, Duration.ofMillis(2540));
        },
        charset);
  }

  @Test
  void allIsWell() {
    assertThat(runWith(List.of(GOOD))).isZero();
    assertThat(asked).isEqualTo(Acceptance.profiles());
    assertThat(out.toString().lines().filter(line -> !line.isBlank()))
        .hasSize(3)
        .satisfiesExactly(
            line -> assertThat(line).isEqualTo("R0, profile prism: made up"),
            line -> assertThat(line).matches("  ok   R0\\.1     made up +0\\.063 µs \\(< 100\\)"),
            line -> assertThat(line).isEqualTo("1 checks: 1 passed, 0 failed, in 2.5 s"));
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void whatChecksProvokeIsNotLoggedBetweenTheLines() {
    Logger pools = Logger.getLogger("io.cistern");
    pools.setLevel(Level.ALL);
    runWith(List.of(GOOD));
    assertThat(pools.isLoggable(Level.SEVERE)).isFalse();
  }

  @Test
  void failedCheckSaysWhy() {
    assertThat(runWith(List.of(GOOD, BAD, WITHOUT_FIGURE))).isEqualTo(1);
    assertThat(out.toString())
        .containsPattern("(?m)^  FAIL R0\\.2     made up +101\\.5 µs \\(< 100\\)$")
        .containsPattern("(?m)^       101\\.5 µs, allowed is < 100 µs$")
        .containsPattern("(?m)^  FAIL R0\\.3     made up +- µs \\(< 100\\)$")
        .containsPattern("(?m)^       blocks: 4, expected 3 \\(Made\\.java:7\\)$")
        .contains("3 checks: 1 passed, 2 failed");
  }

  @Test
  void figuresAreAligned() {
    runWith(List.of(GOOD, BAD));
    List<Integer> columns =
        out.toString()
            .lines()
            .filter(line -> line.contains("(<"))
            .map(line -> line.indexOf("µs"))
            .toList();
    assertThat(columns).hasSize(2).containsOnly(columns.getFirst());
  }

  @Test
  void marksOnATerminal() {
    assertThat(run(Ansi.ON, finding(List.of(GOOD, BAD)))).isEqualTo(1);
    assertThat(out.toString())
        .contains("\u001b[32m✓\u001b[0m R0.1")
        .contains("\u001b[31m✗\u001b[0m R0.2");
  }

  @Test
  void wordsWhereTheCharacterSetHasNoMarks() {
    assertThat(run(Ansi.ON, finding(List.of(GOOD, BAD), StandardCharsets.US_ASCII))).isEqualTo(1);
    assertThat(out.toString())
        .contains("  ok   R0.1")
        .contains("  FAIL R0.2")
        .contains("101.5 us (< 100)");
    assertThat(StandardCharsets.US_ASCII.newEncoder().canEncode(out.toString())).isTrue();
  }

  @Test
  void oneProfile() {
    runWith(List.of(GOOD), "--profile", "modesp");
    assertThat(asked).containsExactly("modesp");
  }

  @Test
  void reportToAFile(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("report.json");
    assertThat(runWith(List.of(GOOD, BAD, WITHOUT_FIGURE), "--json", file.toString())).isEqualTo(1);
    JsonNode report = JsonMapper.shared().readTree(Files.readString(file));
    assertThat(report.get("ok").asBoolean()).isFalse();
    assertThat(report.get("checks").asInt()).isEqualTo(3);
    assertThat(report.get("passed").asInt()).isEqualTo(1);
    assertThat(report.get("failed").asInt()).isEqualTo(2);
    assertThat(report.get("durationSeconds").asDouble()).isEqualTo(2.54);
    JsonNode bad = report.get("results").get(1);
    assertThat(bad.get("id").asString()).isEqualTo("R0.2");
    assertThat(bad.get("ok").asBoolean()).isFalse();
    assertThat(bad.get("figure").asDouble()).isEqualTo(101.5);
    assertThat(bad.get("figureText").asString()).isEqualTo("101.5 µs");
    assertThat(bad.get("unit").asString()).isEqualTo("µs");
    assertThat(bad.get("relation").asString()).isEqualTo("BELOW");
    assertThat(bad.get("limit").asDouble()).isEqualTo(100);
    assertThat(bad.get("failure").asString()).isEqualTo("101.5 µs, allowed is < 100 µs");
    assertThat(bad.get("durationMs").asDouble()).isEqualTo(1500);
    assertThat(report.get("results").get(0).get("failure").isNull()).isTrue();
    assertThat(report.get("results").get(2).get("figure").isNull()).isTrue();
  }

  @Test
  void reportToStandardOutputStandsAlone() {
    assertThat(runWith(List.of(GOOD), "--json", "-")).isZero();
    assertThat(JsonMapper.shared().readTree(out.toString()).get("ok").asBoolean()).isTrue();
    assertThat(err.toString()).contains("R0.1").contains("1 checks: 1 passed");
  }

  @Test
  void docsNameEveryField() throws Exception {
    runWith(List.of(GOOD), "--json", "-");
    JsonNode report = JsonMapper.shared().readTree(out.toString());
    Set<String> fields = new TreeSet<>(report.propertyNames());
    fields.addAll(report.get("results").get(0).propertyNames());
    Set<String> documented =
        Pattern.compile("(?m)^\\| `([a-zA-Z]+)` \\|")
            .matcher(Files.readString(Path.of("..", "docs", "validate.md")))
            .results()
            .map((MatchResult match) -> match.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(documented).isEqualTo(fields);
  }

  @Test
  void unknownProfileListsThoseThereAre() {
    assertThat(runWith(List.of(GOOD), "--profile", "nope")).isEqualTo(2);
    assertThat(asked).isEmpty();
    assertThat(err.toString())
        .startsWith(
            "--profile nope: no such suite; there are: prism, prism-2k, modesp, esp32s3, audio, numeric, all")
        .doesNotContain("\tat ");
  }

  @Test
  void unwritableReportIsRefusedBeforeTheChecks(@TempDir Path folder) {
    String nowhere = folder.resolve("none").resolve("report.json").toString();
    assertThat(runWith(List.of(GOOD), "--json", nowhere)).isEqualTo(2);
    assertThat(runWith(List.of(GOOD), "--json", folder.toString())).isEqualTo(2);
    assertThat(asked).isEmpty();
    assertThat(err.toString())
        .contains("--json " + nowhere + ": not a file in a folder that exists")
        .contains("--json " + folder + ": not a file in a folder that exists");
  }

  @Test
  void unknownOptionIsWrongUsage() {
    assertThat(runWith(List.of(GOOD), "--profiles", "prism")).isEqualTo(2);
    assertThat(err.toString()).startsWith("Unknown option").doesNotContain("\tat ");
  }

  @Test
  void realSuite() {
    assertThat(run(Ansi.OFF, new ValidateCommand(), "--profile", "prism-2k"))
        .as(out.toString())
        .isZero();
    assertThat(out.toString()).contains("R1-2k.1").contains("73728");
  }
}
