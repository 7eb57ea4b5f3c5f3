package io.cistern.jdk.jfr;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Recordings begin, end and are killed while the pools are in use: nothing changes for them.
 * Budget: 20 s.
 */
@Timeout(120)
class UnderLoadTest {
  private static final int RECORDINGS = 15;

  @TempDir private Path folder;

  @Test
  void recordingsThatComeAndGo() throws Exception {
    try (Load load = new Load()) {
      load.start();
      for (int i = 0; i < RECORDINGS; i++) {
        try (JfrEvents events = JfrEvents.register(load.manager);
            Recording recording = new Recording(JfrEvents.configuration())) {
          assertThat(events).isNotNull();
          recording.start();
          if (i % 3 == 0) {
            recording.stop();
          }
        }
      }
      assertThat(load.end()).isEmpty();
    }
  }

  @Test
  void jcmdStartsDumpsAndStopsARecordingOfARunningProgram() throws Exception {
    Path settings = settings();
    Path file = folder.resolve("child.jfr");
    Process child = child();
    try {
      String pid = Long.toString(child.pid());
      killedAtOnce(pid, "JFR.start", "name=killed", "settings=" + settings);
      assertThat(jcmd(pid, "JFR.start", "name=ours", "settings=default", "settings=" + settings))
          .contains("Started recording");
      assertThat(jcmd(pid, "JFR.dump", "name=ours", "filename=" + file)).contains("Dumped");
      killedAtOnce(pid, "JFR.dump", "name=ours", "filename=" + folder.resolve("killed.jfr"));
      assertThat(jcmd(pid, "JFR.stop", "name=ours", "filename=" + file)).contains("Stopped");
      assertThat(end(child)).isEqualTo("in order");
      assertThat(child.exitValue()).isZero();
    } finally {
      child.destroyForcibly();
    }
    assertThatAllIsThere(Recorded.read(file));
  }

  private static void assertThatAllIsThere(Recorded recorded) {
    assertThat(recorded.names())
        .contains("AllocationSampled", "AllocationFailed", "Spill", "Fallback", "Grow", "Trim")
        .doesNotContain("Violation", "Damage", "BlockLost");
    RecordedEvent spill = recorded.last("Spill");
    assertThat(Recorded.passes(spill, "holdSome")).isTrue();
    assertThat(spill.getString("label")).isEqualTo("codec");
    assertThat(spill.getThread().getJavaName()).startsWith("worker-");
  }

  /** A recording from the start of the JVM to its end; the last figures are those at the end. */
  @Test
  void aRecordingFromTheCommandLine() throws Exception {
    Path file = folder.resolve("start.jfr");
    Process child =
        child(
            "-XX:StartFlightRecording:settings=default,settings="
                + settings()
                + ",filename="
                + file);
    try {
      assertThat(end(child)).isEqualTo("in order");
    } finally {
      child.destroyForcibly();
    }
    Recorded recorded = Recorded.read(file);
    RecordedEvent last = recorded.last("PoolStatistics");
    assertThat(last.getString("pool")).isEqualTo("text");
    assertThat(last.getInt("used")).isZero();
    assertThat(last.getLong("allocations")).isPositive().isEqualTo(last.getLong("frees"));
    assertThat(recorded.named("TierStatistics")).isNotEmpty();
    assertThat(recorded.named("ManagerStatistics")).isNotEmpty();
  }

  /** The file that is shipped, as it is got out of the jar. */
  private Path settings() throws IOException {
    Path settings = folder.resolve("cistern.jfc");
    try (InputStream shipped =
        Objects.requireNonNull(JfrEvents.class.getResourceAsStream("cistern.jfc"))) {
      Files.copy(shipped, settings);
    }
    return settings;
  }

  private static String tool(String name) {
    return Path.of(System.getProperty("java.home"), "bin", name).toString();
  }

  private static Process child(String... flags) throws IOException {
    List<String> command = new ArrayList<>(List.of(tool("java"), "-Xmx128m"));
    command.addAll(List.of(flags));
    command.addAll(List.of("-cp", classPath(), Load.class.getName()));
    Process child =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    BufferedReader said = child.inputReader(StandardCharsets.UTF_8);
    String line = said.readLine();
    while (line != null && !line.equals("ready")) {
      line = said.readLine();
    }
    assertThat(line).isEqualTo("ready");
    return child;
  }

  /** Of this JVM, which may have modules, with the tests patched into one. */
  private static String classPath() {
    return Stream.of(
            System.getProperty("java.class.path", ""),
            System.getProperty("jdk.module.path", ""),
            Path.of("target", "test-classes").toString())
        .filter(path -> !path.isEmpty())
        .collect(Collectors.joining(java.io.File.pathSeparator));
  }

  /** Its last line. */
  private static String end(Process child) throws IOException, InterruptedException {
    child.getOutputStream().close();
    List<String> lines = child.inputReader(StandardCharsets.UTF_8).lines().toList();
    assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return lines.isEmpty() ? "" : lines.getLast();
  }

  private static Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(tool("jcmd")));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static String jcmd(String... arguments) throws IOException {
    try (BufferedReader said =
        new BufferedReader(
            new InputStreamReader(start(arguments).getInputStream(), StandardCharsets.UTF_8))) {
      return said.lines().collect(Collectors.joining("\n"));
    }
  }

  /** In the middle of whatever it does by then. */
  private static void killedAtOnce(String... arguments) throws IOException, InterruptedException {
    Process tool = start(arguments);
    tool.waitFor(300, TimeUnit.MILLISECONDS);
    tool.destroyForcibly();
    assertThat(tool.waitFor(10, TimeUnit.SECONDS)).isTrue();
  }
}
