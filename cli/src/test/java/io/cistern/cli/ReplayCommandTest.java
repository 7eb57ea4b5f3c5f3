package io.cistern.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.simulator.Trace;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Table, report, messages and exit codes of {@code cistern replay}. Time budget: 20 s. */
class ReplayCommandTest {
  private static final String SMALL = "1\n2\n5\n300\na 0 100\na 1 200\nr 0 50\nf 0\nf 1\n";

  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private String small = "";

  @BeforeEach
  void writeTraces() throws IOException {
    small = file("made-small.rep", SMALL);
  }

  private String file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  private int run(String... args) {
    return Cistern.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(args);
  }

  @Test
  void oneLineForATraceAndItsReport() throws Exception {
    Path json = folder.resolve("r.json");
    assertThat(run("replay", small, "--json", json.toString())).as(err.toString()).isZero();
    assertThat(out.toString().lines())
        .satisfiesExactly(
            head -> assertThat(head).startsWith("trace").contains("ns/op", "failures"),
            row ->
                assertThat(row)
                    .matches("made-small.rep +variable +5 +[0-9.]+ +300 +[0-9,]+ +1\\..*% +0"));
    JsonNode report = JsonMapper.shared().readTree(Files.readString(json));
    assertThat(report.size()).isEqualTo(1);
    JsonNode row = report.get(0);
    assertThat(row.get("trace").asString()).isEqualTo("made-small.rep");
    assertThat(row.get("pool").asString()).isEqualTo("variable");
    assertThat(row.get("operations").asInt()).isEqualTo(5);
    assertThat(row.get("nsPerOp").asDouble()).isPositive();
    assertThat(row.get("peakLiveBytes").asLong()).isEqualTo(300);
    assertThat(row.get("minimumRegionBytes").asLong()).isBetween(300L, 400L);
    assertThat(row.get("minimumPoolRatio").asDouble())
        .isBetween(row.get("minimumRegionBytes").asLong() / 300.0 - 1e-6, 2.5);
    assertThat(row.get("failures").asLong()).isZero();
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void severalTracesOnSeveralPoolsWithMeans() throws Exception {
    String other = file("made-other.rep", SMALL);
    assertThat(run("replay", small, other, "--pool", "malloc,tiers:prism", "--json", "-")).isZero();
    JsonNode report = JsonMapper.shared().readTree(out.toString());
    assertThat(report.size()).isEqualTo(4);
    assertThat(report.get(0).get("pool").asString()).isEqualTo("malloc");
    assertThat(report.get(0).get("minimumRegionBytes").isNull()).isTrue();
    assertThat(report.get(0).get("minimumPoolRatio").isNull()).isTrue();
    assertThat(report.get(3).get("pool").asString()).isEqualTo("tiers:prism");
    assertThat(report.get(3).get("minimumRegionBytes").asLong()).isEqualTo(57_344);
    assertThat(err.toString())
        .as("the table, since the report takes standard output")
        .containsPattern("made-other.rep +tiers:prism +5 ")
        .containsPattern("mean of made-\\* +malloc +10 ")
        .containsPattern("mean of made-\\* +tiers:prism +10 ");
  }

  @Test
  void severalThreads() {
    assertThat(run("replay", small, "--threads", "3", "--pool", "variable,netty")).isZero();
    assertThat(out.toString()).containsPattern("made-small.rep +netty +5 ");
  }

  @Test
  void aRequestThatIsRefusedIsAFailure() throws Exception {
    String large = file("large.rep", "1\n1\na 0 5000\n");
    assertThat(run("replay", large, small, "--pool", "tiers:prism")).isEqualTo(1);
    assertThat(out.toString())
        .contains("failed: large.rep on tiers:prism: 1 requests refused")
        .containsPattern("large.rep +tiers:prism +1 .* +1\n");
  }

  @Test
  void charts() throws Exception {
    Path chart = folder.resolve("c.svg");
    assertThat(run("replay", small, "--chart", chart.toString())).isZero();
    assertThat(Files.readString(chart)).contains("made-small.rep: 5 operations, peak 300 B");
  }

  @Test
  void cutRecordingIsReplayedWithANotice() throws Exception {
    String cut = file("cut.rep", "1\n0\n0\n0\na 0 8\na 1 1");
    assertThat(run("replay", cut, "--pool", "malloc")).isZero();
    assertThat(err.toString()).contains(cut + ":6: 'a 1 1': left out");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          TRACE --pool heap        | --pool heap: must be tiers:PROFILE, variable, malloc, netty or netty-adaptive
          TRACE --pool tiers:nope  | nope
          TRACE --threads 0        | --threads 0: must be from 1 to 64
          TRACE --threads 65       | --threads 65: must be from 1 to 64
          TRACE --threads x        | Invalid value for option '--threads': 'x' is not an int
          TRACE --json /           | --json /: is a folder, a file is needed
          TRACE --chart c.gif      | --chart c.gif: must end in .svg or .png
          TRACE --chart none/c.svg | --chart none/c.svg: there is no folder
          TRACE --speed 5          | Unknown option
          none.rep                 | none.rep: there is no such file
          /                        | /: is a folder, a trace file is needed
          BAD                      | bad.rep:7: id 1 was never allocated: must be a live id
                                   | Missing required parameter: 'FILE'
          """)
  void wrongUsage(String arguments, String message) throws Exception {
    String bad = file("bad.rep", "# a comment\n1\n1\n2\n8\na 0 8\nf 1\n");
    String line = "replay " + (arguments == null ? "" : arguments);
    assertThat(run(line.replace("TRACE", small).replace("BAD", bad).strip().split(" ")))
        .isEqualTo(2);
    assertThat(err.toString()).contains(message, "Try 'cistern replay --help'.");
    assertThat(err.toString()).doesNotContain("\tat ");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void docsNameEveryFieldAndOption() throws Exception {
    String docs = Files.readString(LadderTest.ROOT.resolve("docs/replay.md"));
    run("replay", small, "--pool", "malloc", "--json", "-");
    Set<String> fields =
        new TreeSet<>(JsonMapper.shared().readTree(out.toString()).get(0).propertyNames());
    Set<String> documented =
        Pattern.compile("(?m)^\\| `([a-zA-Z]+)` \\|")
            .matcher(docs.substring(docs.indexOf("## The report")))
            .results()
            .map((MatchResult match) -> match.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(documented).isEqualTo(fields);
    for (String name : Set.of("replay", "tune")) {
      String page = Files.readString(LadderTest.ROOT.resolve("docs/" + name + ".md"));
      CommandLine command =
          Objects.requireNonNull(Cistern.commandLine().getSubcommands().get(name));
      assertThat(command.getCommandSpec().options())
          .allSatisfy(option -> assertThat(page).contains("| `" + option.longestName()));
    }
  }

  @Test
  void progressIsALineNowAndThenElsewhereALineThatChangesOnATerminal() {
    AtomicLong clock = new AtomicLong();
    TraceProgress plain =
        new TraceProgress(new PrintWriter(out), false, 120, () -> false, clock::get);
    TraceProgress live = new TraceProgress(new PrintWriter(err), true, 120, () -> true, clock::get);
    Trace trace = read();
    for (int tick = 0; tick < 120; tick++) {
      clock.addAndGet(100_000_000);
      plain.next();
      live.next();
      assertThat(plain.onProgress(trace, "timing", tick / 120.0)).isTrue();
      assertThat(live.onProgress(trace, "timing", tick / 120.0)).as("stopped").isFalse();
    }
    live.clear();
    assertThat(out.toString().lines())
        .containsExactly(
            "[50/120] made-small.rep: timing, 41 %", "[100/120] made-small.rep: timing, 83 %");
    assertThat(err.toString().split("\r")).hasSize(122);
    assertThat(err.toString()).endsWith("\r\033[K");
  }

  private Trace read() {
    try {
      return Trace.read(Path.of(small));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
