package io.cistern.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code cistern top} for scripts, against real processes. Time budget: 20 s. */
@Timeout(240)
class TopCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void endAll() {
    started.forEach(Process::destroyForcibly);
  }

  private int run(String... args) {
    return Cistern.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(args);
  }

  private void refused(String message, String... args) {
    assertThat(run(args)).isEqualTo(2);
    assertThat(err.toString()).contains(message).doesNotContain("\tat ").contains("--help'.");
    assertThat(err.toString().lines()).hasSize(2);
    assertThat(out.toString()).isEmpty();
  }

  private Process start(Class<?> program, String... arguments) throws IOException {
    return start(Jvm.command(program, arguments));
  }

  private Process start(List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    started.add(process);
    return process;
  }

  private Process target(String... arguments) throws IOException {
    Process process = start(TopTarget.class, arguments);
    awaitLine(process.inputReader(), "ready");
    return process;
  }

  private static String awaitLine(BufferedReader lines, String text) throws IOException {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.contains(text)) {
        return line;
      }
    }
    throw new AssertionError("the process ended before it said '" + text + "'");
  }

  private static String pid(Process process) {
    return Long.toString(process.pid());
  }

  @Test
  void figuresEqualTheDemosAtTheEnd(@TempDir Path folder) throws Exception {
    Path report = folder.resolve("demo.json");
    Process demo =
        start(
            Cistern.class,
            "demo",
            "--clients",
            "0",
            "--duration",
            "1h",
            "--json",
            report.toString());
    BufferedReader lines = demo.inputReader();
    String line = awaitLine(lines, "ws://");
    echo(URI.create(line.substring(line.indexOf("ws://")).strip()), 60);
    assertThat(run("top", "--pid", pid(demo), "--once", "--json")).as(err.toString()).isZero();
    JsonNode seen = JsonMapper.shared().readTree(out.toString()).get("pools").get(0);
    new ProcessBuilder("kill", "-INT", pid(demo)).start().waitFor();
    lines.transferTo(Writer.nullWriter());
    assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();
    JsonNode end = JsonMapper.shared().readTree(Files.readString(report));
    assertThat(sum(seen, "allocations")).isEqualTo(end.get("allocations").asLong()).isPositive();
    assertThat(sum(seen, "frees")).isEqualTo(end.get("frees").asLong());
    assertThat(sum(seen, "failed")).isEqualTo(end.get("failedAllocations").asLong());
    assertThat(sum(seen, "spilledIn")).isEqualTo(end.get("spills").asLong());
    assertThat(seen.get("violations")).isEqualTo(end.get("violations"));
    for (int i = 0; i < end.get("tiers").size(); i++) {
      JsonNode expected = end.get("tiers").get(i);
      for (String field : expected.propertyNames()) {
        if (!field.equals("pool")) {
          assertThat(seen.get("tiers").get(i).get(field)).as(field).isEqualTo(expected.get(field));
        }
      }
    }
  }

  private static long sum(JsonNode pool, String field) {
    long sum = 0;
    for (JsonNode tier : pool.get("tiers")) {
      sum += tier.get(field).asLong();
    }
    return sum;
  }

  /** Sends frames and waits for their echoes. */
  private static void echo(URI gateway, int frames) throws Exception {
    AtomicInteger back = new AtomicInteger();
    WebSocket.Listener listener =
        new WebSocket.Listener() {
          @Override
          public @Nullable CompletionStage<?> onBinary(
              WebSocket socket, ByteBuffer data, boolean last) {
            back.addAndGet(last ? 1 : 0);
            socket.request(1);
            return null;
          }
        };
    try (HttpClient client = HttpClient.newHttpClient()) {
      WebSocket socket = client.newWebSocketBuilder().buildAsync(gateway, listener).join();
      for (int i = 0; i < frames; i++) {
        socket.sendBinary(ByteBuffer.allocate(1 + i * 67), true).join();
        int sent = i + 1;
        await().pollDelay(java.time.Duration.ZERO).until(() -> back.get() == sent);
      }
      socket.abort();
    }
  }

  @Test
  void theJsonIsTheSnapshot() throws Exception {
    Process target = target();
    assertThat(run("top", "--pid", pid(target), "--once", "--json")).as(err.toString()).isZero();
    JsonNode stats = JsonMapper.shared().readTree(out.toString());
    assertThat(stats.propertyNames())
        .containsExactlyInAnyOrder(
            "timeMillis",
            "budgetBytes",
            "budgetUsedBytes",
            "regionBytes",
            "fallbackLimitBytes",
            "fallbackLiveBytes",
            "pressure",
            "pools",
            "quotas",
            "reclaimers");
    assertThat(stats.get("budgetBytes").asLong()).isEqualTo(1 << 20);
    assertThat(stats.get("pools").get(0).get("pool").asString()).isEqualTo("frames");
    assertThat(stats.get("pools").get(0).get("tiers").get(0).get("used").asInt()).isEqualTo(20);
    assertThat(stats.get("pools").get(0).get("tiers").get(1).get("failed").asInt()).isEqualTo(1);
    assertThat(stats.get("pools").get(0).get("tiers").get(1).get("pressure").asString())
        .isEqualTo("CRITICAL");
    assertThat(stats.get("pools").get(1).get("variable").get("totalBytes").asLong())
        .isEqualTo(65_536);
    assertThat(stats.get("quotas").get(0).get("path").asString()).isEqualTo("guests");
  }

  @Test
  void aTableForPeople() throws Exception {
    assertThat(run("top", "--pid", pid(target()), "--once")).as(err.toString()).isZero();
    assertThat(out.toString())
        .contains("37 KiB of 104 KiB used (35.6 %)", "28 allocations, 1 failed")
        .contains("messages", "telemetry", "guests")
        .contains("TopTarget.hold(TopTarget.java:")
        .doesNotContain("\033");
  }

  @Test
  void severalManagersAreToldApart() throws Exception {
    String pid = pid(target("two"));
    refused(
        "has several managers; choose one with --manager: default, orders", "top", "--pid", pid);
    assertThat(run("top", "--pid", pid, "--manager", "orders", "--once")).isZero();
    assertThat(out.toString()).contains("0 B of 104 KiB used");
    err.getBuffer().setLength(0);
    out.getBuffer().setLength(0);
    refused(
        "has no manager 'bills'; there are: default, orders",
        "top",
        "--pid",
        pid,
        "--manager",
        "bills");
  }

  @Test
  void aProcessWithoutManagersIsRefused() throws Exception {
    Process target = target("none");
    refused(
        "TopTarget none) has no manager to look at: the program must call PoolBeans.register(manager)",
        "top",
        "--pid",
        pid(target));
  }

  @Test
  void aProcessThatIsNoJvmIsRefused() throws Exception {
    Process sleep = start(List.of("sleep", "1000"));
    refused("cannot be attached to: ", "top", "--pid", pid(sleep));
    assertThat(sleep.isAlive()).isTrue();
  }

  @Test
  void lineByLineUntilTheTargetDies() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    List<String> command = new ArrayList<>(Jvm.command(TopTarget.class));
    command.addAll(
        1,
        List.of(
            "-Dcom.sun.management.jmxremote.port=" + port,
            "-Dcom.sun.management.jmxremote.host=127.0.0.1",
            "-Djava.rmi.server.hostname=127.0.0.1",
            "-Dcom.sun.management.jmxremote.authenticate=false",
            "-Dcom.sun.management.jmxremote.ssl=false"));
    Process target = start(command);
    awaitLine(target.inputReader(), "ready");
    Process top =
        start(Cistern.class, "top", "--jmx", "127.0.0.1:" + port, "--interval", "100ms", "--json");
    BufferedReader lines = top.inputReader();
    for (int i = 0; i < 3; i++) {
      JsonNode stats = JsonMapper.shared().readTree(Objects.requireNonNull(lines.readLine()));
      assertThat(stats.get("pools").size()).isEqualTo(2);
    }
    target.destroyForcibly();
    lines.transferTo(Writer.nullWriter());
    assertThat(top.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(top.exitValue()).isEqualTo(1);
  }

  @Test
  void choosesTheOnlyProcess() {
    TopProcesses.Found one = new TopProcesses.Found(1, "a.Main");
    TopProcesses.Found two = new TopProcesses.Found(2, "b.Main");
    assertThat(TopProcesses.only(List.of(two), List.of(one, two))).isEqualTo(two);
    assertThat(refusal(List.of(), List.of(one)))
        .isEqualTo(
            "no JVM here has a manager to look at (PoolBeans.register(manager)); JVMs: 1 (a.Main)");
    assertThat(refusal(List.of(), List.of())).endsWith("JVMs: none");
    assertThat(refusal(List.of(one, two), List.of(one, two)))
        .isEqualTo("several JVMs have managers; choose one with --pid: 1 (a.Main), 2 (b.Main)");
  }

  @Test
  void processesAreNamedForALine() {
    assertThat(TopProcesses.name("/opt/acme/lib/gateway-1.0.jar --port 80"))
        .isEqualTo("gateway-1.0.jar --port 80");
    assertThat(TopProcesses.name("com.acme.Main")).isEqualTo("com.acme.Main");
    assertThat(TopProcesses.name("")).isEmpty();
    assertThat(TopProcesses.name("x".repeat(100) + "\033")).hasSize(60).endsWith("x..");
  }

  private static String refusal(List<TopProcesses.Found> candidates, List<TopProcesses.Found> all) {
    try {
      return TopProcesses.only(candidates, all).toString();
    } catch (UsageException refused) {
      return Objects.requireNonNull(refused.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          --pid 999999999           | --pid 999999999: there is no such process
          --pid x                   | 'x' is not a long
          --pid 1 --jmx a:1         | --pid and --jmx: give one of them
          --jmx nowhere             | 'nowhere' is no address: give a machine and a port from 1 to 65535
          --jmx localhost:65536     | is no address
          --jmx 127.0.0.1:1         | 127.0.0.1:1 does not let us in: Connection refused
          --interval 50ms           | --interval 50 ms: must be from 100ms to 1h
          --interval 2h             | --interval 7200000 ms: must be from 100ms to 1h
          """)
  void wrongUsage(String options, String message) {
    List<String> args = new ArrayList<>(List.of("top"));
    args.addAll(List.of(options.split(" ")));
    refused(message, args.toArray(String[]::new));
  }

  @Test
  void itselfIsNoTarget() {
    refused("is this command itself", "top", "--pid", Long.toString(ProcessHandle.current().pid()));
  }

  @Test
  void docsNameEveryOption() throws Exception {
    String docs = Files.readString(Path.of("..", "docs", "top.md"));
    CommandLine top = Objects.requireNonNull(Cistern.commandLine().getSubcommands().get("top"));
    assertThat(top.getCommandSpec().options())
        .allSatisfy(option -> assertThat(docs).contains("| `" + option.longestName()));
  }
}
