package io.cistern.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.RecordComponent;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code cistern demo} from its options to its exit code. Time budget: 25 s, most of it demos that
 * run.
 */
class DemoCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    return Cistern.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(args);
  }

  private void refused(String message, String... args) {
    assertThat(run(args)).isEqualTo(2);
    assertThat(err.toString()).contains(message).doesNotContain("\tat ").contains("--help'.");
    assertThat(out.toString()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "prism, jetty",
    "prism, netty",
    "prism-2k, jetty",
    "prism-2k, netty",
    "modesp, jetty",
    "esp32s3, jetty",
    "audio, jetty"
  })
  void servesExhaustsAndAccountsForEveryFrame(String profile, String server, @TempDir Path folder)
      throws Exception {
    Path file = folder.resolve("demo.json");
    assertThat(
            run(
                "demo",
                "--profile",
                profile,
                "--server",
                server,
                "--duration",
                "3s",
                "--json",
                file.toString()))
        .as(err.toString())
        .isZero();
    JsonNode report = JsonMapper.shared().readTree(Files.readString(file));
    assertThat(report.get("profile").asString()).isEqualTo(profile);
    assertThat(report.get("server").asString()).isEqualTo(server);
    assertThat(report.get("durationSeconds").asDouble()).isBetween(3.0, 8.0);
    assertThat(count(report, "framesEchoed"))
        .isPositive()
        .isEqualTo(count(report, "echoesVerified"));
    assertThat(count(report, "framesReceived"))
        .isEqualTo(
            count(report, "framesEchoed")
                + count(report, "framesRejectedTooLarge")
                + count(report, "framesDroppedExhausted")
                + count(report, "framesAborted"));
    assertThat(count(report, "failedAllocations"))
        .isPositive()
        .isEqualTo(count(report, "framesDroppedExhausted"))
        .isEqualTo(count(report, "busyAnswers"));
    assertThat(count(report, "allocations")).isEqualTo(count(report, "frees"));
    assertThat(count(report, "liveBlocks")).isZero();
    assertThat(count(report, "echoMismatches")).isZero();
    assertThat(count(report, "clientFailures")).isZero();
    assertThat(report.get("verify").asString()).isEqualTo("ok");
    assertThat(out.toString()).contains("connect to ws://127.0.0.1:").containsPattern("verify +ok");
    assertThat(err.toString()).isEmpty();
  }

  private static long count(JsonNode report, String field) {
    return report.get(field).asLong();
  }

  @Test
  void aServerThatThereIsNot() {
    refused("'Tomcat' is no server: give jetty or netty", "demo", "--server", "Tomcat");
  }

  @Test
  void jsonOnStandardOutputStandsAlone() {
    assertThat(run("demo", "--duration", "10ms", "--clients", "0", "--json", "-")).isZero();
    JsonNode report = JsonMapper.shared().readTree(out.toString());
    assertThat(count(report, "regionBytes")).isEqualTo(57_344);
    assertThat(count(report, "framesReceived")).isZero();
    assertThat(report.get("tiers").size()).isEqualTo(3);
    assertThat(err.toString()).contains("connect to ws://").containsPattern("verify +ok");
  }

  @Test
  void recordsWhatThePoolDid(@TempDir Path folder) throws Exception {
    Path traces = folder.resolve("new");
    assertThat(run("demo", "--duration", "500ms", "--record", traces.toString(), "--json", "-"))
        .isZero();
    JsonNode report = JsonMapper.shared().readTree(out.toString());
    List<String> lines = Files.readAllLines(traces.resolve("main.rep"));
    assertThat(lines.stream().filter(line -> line.startsWith("a ")).count())
        .isEqualTo(count(report, "allocations"))
        .isPositive();
    assertThat(lines.stream().filter(line -> line.startsWith("f ")).count())
        .isEqualTo(count(report, "frees"));
  }

  @Test
  void aFolderThatIsAFileIsRefused(@TempDir Path folder) throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    assertThat(run("demo", "--record", file.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("--record " + file + ": is no folder");
  }

  @Test
  void docsNameEveryField() throws Exception {
    run("demo", "--duration", "10ms", "--clients", "0", "--json", "-");
    JsonNode report = JsonMapper.shared().readTree(out.toString());
    Set<String> fields = new TreeSet<>(report.propertyNames());
    fields.addAll(report.get("tiers").get(0).propertyNames());
    Stream.of(DemoReport.VariableReport.class.getRecordComponents())
        .map(RecordComponent::getName)
        .forEach(fields::add);
    Set<String> documented =
        Pattern.compile("(?m)^\\| `([a-zA-Z]+)` \\|")
            .matcher(Files.readString(Path.of("..", "docs", "demo.md")))
            .results()
            .map((MatchResult match) -> match.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(documented).isEqualTo(fields);
  }

  @Test
  void docsNameEveryOption() throws Exception {
    String docs = Files.readString(Path.of("..", "docs", "demo.md"));
    CommandLine demo = Objects.requireNonNull(Cistern.commandLine().getSubcommands().get("demo"));
    assertThat(demo.getCommandSpec().options())
        .allSatisfy(option -> assertThat(docs).contains("| `" + option.longestName()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --port 65536    | --port 65536: must be from 0 to 65535
          --port -1       | --port -1: must be from 0 to 65535
          --port x        | Invalid value for option '--port': 'x' is not an int
          --clients -1    | --clients -1: must be from 0 to 1000
          --clients 1001  | --clients 1001: must be from 0 to 1000
          --prometheus 65536 | --prometheus 65536: must be from 0 to 65535
          --prometheus x  | Invalid value for option '--prometheus': 'x' is not an int
          --mqtt mqtt://u:pw@h | --mqtt: MQTT address: node: none is given
          --rate 0        | --rate 0: must be from 1 to 1000000
          --duration 5    | Invalid value for option '--duration': '5' is not a duration
          --profile nope  | nope
          --profile numeric | these do: prism, prism-2k, modesp, esp32s3, audio
          --json /        | --json /: is a folder, a file is needed
          --bursts 5      | Unknown option
          """)
  void wrongUsage(String options, String message) {
    refused(message, ("demo " + options).split(" "));
  }

  @Test
  void noCommandAndWrongCommand() {
    refused("no command given: [demo, validate");
    refused("Unmatched argument", "dome");
  }

  @Test
  void folderOfTheReportMustExist(@TempDir Path folder) {
    Path none = folder.resolve("none");
    refused(
        "--json " + none.resolve("a.json") + ": there is no folder " + none,
        "demo",
        "--json",
        none.resolve("a.json").toString());
  }

  @Test
  void profileThatIsRefusedIsQuoted(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("bad.conf"),
            "budget = 1 KiB\npools.main.tiers = [{ size = 4 KiB, count = 0 }]\n");
    refused("bad.conf:2: pools.main.tiers[0].count = 0", "demo", "--profile", file.toString());
  }

  @Test
  void profileWithTinyBlocksRunsWithoutOurClientsOnly(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("tiny.conf"),
            "budget = 1 KiB\npools.main.tiers = [{ size = 8 B, count = 4 }]\n");
    refused(
        "profile 'tiny' holds frames of up to 8 B, the demo's own clients send 16 B or more; --clients 0 runs without them",
        "demo",
        "--profile",
        file.toString());
    assertThat(run("demo", "--profile", file.toString(), "--clients", "0", "--duration", "10ms"))
        .isZero();
  }

  @Test
  void portThatIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      refused(
          "port %d on 127.0.0.1 cannot be listened on (Address already in use): choose another with --port, or 0 for any free one"
              .formatted(taken.getLocalPort()),
          "demo",
          "--port",
          Integer.toString(taken.getLocalPort()));
    }
  }

  @Test
  void portOfTheDashboardThatIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      refused(
          "the dashboard cannot listen on 127.0.0.1, port %d: Address already in use: choose another port with --dashboard, 0 for any free one, or --no-dashboard"
              .formatted(taken.getLocalPort()),
          "demo",
          "--dashboard",
          Integer.toString(taken.getLocalPort()));
    }
  }

  @Test
  void theDashboardsAddressIsPrintedUnlessThereIsNone() {
    assertThat(run("demo", "--duration", "500ms")).isZero();
    assertThat(out.toString()).containsPattern("dashboard: http://127\\.0\\.0\\.1:\\d+/\n");
    out.getBuffer().setLength(0);
    assertThat(run("demo", "--duration", "500ms", "--no-dashboard")).isZero();
    assertThat(out.toString()).doesNotContain("dashboard");
  }

  @Test
  void helpAndVersion() {
    assertThat(run("demo", "--help")).isZero();
    assertThat(out.toString()).contains("--profile=NAME|FILE").contains("(default: 30s)");
    assertThat(run("--version")).isZero();
    assertThat(out.toString()).contains("cistern ");
  }
}
