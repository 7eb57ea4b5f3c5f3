package io.cistern.benchmarks;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole command in a JVM of its own. Time budget: 30 s. */
class BenchTest {
  @TempDir private Path folder;

  private Path out() {
    return folder.resolve("out");
  }

  private Path err() {
    return folder.resolve("err");
  }

  private Process start(List<String> flags, String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Djava.io.tmpdir=" + Files.createDirectories(folder.resolve("tmp")));
    command.addAll(
        List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(Bench.class.getName());
    command.addAll(List.of(args));
    return new ProcessBuilder(command)
        .redirectOutput(out().toFile())
        .redirectError(err().toFile())
        .start();
  }

  private List<Path> temporaryFiles() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("tmp"))) {
      return files.toList();
    }
  }

  @Test
  void measuresAndReports() throws Exception {
    Process bench =
        start(
            List.of(),
            "--only",
            "stats",
            "--subjects",
            "cistern-shared",
            "--forks",
            "1",
            "--json",
            "-");
    assertThat(bench.waitFor(60, SECONDS)).isTrue();
    assertThat(bench.exitValue()).as(Files.readString(err())).isZero();
    JsonNode list = JsonMapper.shared().readTree(Files.readString(out()));
    assertThat(list.size()).isOne();
    assertThat(list.get(0).get("subject").asString()).isEqualTo("cistern-shared");
    assertThat(list.get(0).get("nsPerOp").asDouble()).isPositive();
    assertThat(Files.readString(err()))
        .contains("machine  ")
        .contains("JDK      ")
        .contains("[1/1, about ")
        .contains("stats, 1 thread\n");
    assertThat(temporaryFiles()).isEmpty();
  }

  @Test
  void wrongUsageIsAMessageAndExitCodeTwo() throws Exception {
    Process bench = start(List.of(), "--only", "nothing");
    assertThat(bench.waitFor(60, SECONDS)).isTrue();
    assertThat(bench.exitValue()).isEqualTo(2);
    assertThat(Files.readString(err()))
        .startsWith("--only nothing: no such pattern; there are: pair, ")
        .endsWith("Try 'cistern bench --help'.\n");
    assertThat(Files.readString(out())).isEmpty();
  }

  @Test
  void whenItIsStoppedItLeavesNothingBehind() throws Exception {
    Process bench = start(List.of(), "--only", "latency");
    await().atMost(60, SECONDS).until(() -> bench.descendants().findAny().isPresent());
    List<ProcessHandle> forks = bench.descendants().toList();
    bench.destroy();
    assertThat(bench.waitFor(60, SECONDS)).isTrue();
    await().atMost(10, SECONDS).until(() -> forks.stream().noneMatch(ProcessHandle::isAlive));
    assertThat(temporaryFiles()).isEmpty();
  }

  @Test
  void itEndsWithTheProcessThatStartedIt() throws Exception {
    Process parent = new ProcessBuilder("sh", "-c", "read line").start();
    Process bench = start(List.of("-D" + Bench.PARENT + "=" + parent.pid()), "--only", "latency");
    await().atMost(60, SECONDS).until(() -> bench.descendants().findAny().isPresent());
    parent.destroyForcibly();
    assertThat(bench.waitFor(60, SECONDS)).isTrue();
    assertThat(temporaryFiles()).isEmpty();
  }
}
