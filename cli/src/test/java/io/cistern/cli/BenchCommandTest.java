package io.cistern.cli;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * How {@code cistern bench} starts the benchmarks and what becomes of their exit code. A stand-in
 * takes the benchmarks' place, which writes down what it was asked for. The benchmarks themselves
 * are tested in their own room. Time budget: 15 s.
 */
@Timeout(60)
class BenchCommandTest {
  /** Exits with the number of forks, after it has written its arguments to the JSON file. */
  private static final String STAND_IN =
      """
      package io.cistern.benchmarks;
      import java.nio.file.*;
      public class Bench {
        public static void main(String[] args) throws Exception {
          int code = 0;
          for (String arg : args) {
            if (arg.startsWith("--forks=")) code = Integer.parseInt(arg.substring(8));
            if (arg.startsWith("--json=")) {
              Path file = Path.of(arg.substring(7));
              Path written = Files.writeString(file.resolveSibling("being written"),
                  String.join(" ", args) + " parent=" + System.getProperty("io.cistern.benchmarks.parent"));
              Files.move(written, file);
            }
          }
          if (code == 99) Thread.sleep(Long.MAX_VALUE);
          System.exit(code);
        }
      }
      """;

  @TempDir private Path folder;

  private final StringWriter err = new StringWriter();

  @BeforeEach
  void makeStandIn() throws Exception {
    Path source = folder.resolve("Bench.java");
    Files.writeString(source, STAND_IN);
    String javac = Path.of(System.getProperty("java.home"), "bin", "javac").toString();
    Process compiler =
        new ProcessBuilder(javac, "-d", folder.toString(), source.toString()).start();
    assertThat(compiler.waitFor()).isZero();
    String name = "io/cistern/benchmarks/Bench.class";
    Path library = Files.createDirectory(folder.resolve("lib"));
    try (JarOutputStream jar =
        new JarOutputStream(Files.newOutputStream(library.resolve("bench.jar")))) {
      jar.putNextEntry(new JarEntry(name));
      Files.copy(folder.resolve(name), jar);
    }
    System.setProperty(BenchCommand.LIBRARY, library.toString());
  }

  @AfterEach
  void forget() {
    System.clearProperty(BenchCommand.LIBRARY);
  }

  private Path json() {
    return folder.resolve("figures.json");
  }

  private int run(String... args) {
    return new CommandLine(new BenchCommand()).setErr(new PrintWriter(err)).execute(args);
  }

  @Test
  void passesOnWhatItIsAskedFor() throws IOException {
    assertThat(
            run(
                "--quick",
                "--only",
                "pair,batch",
                "--subjects",
                "malloc-ffm",
                "--forks",
                "0",
                "--json",
                json().toString(),
                "--charts",
                "c",
                "--docs",
                "d"))
        .isZero();
    assertThat(json())
        .hasContent(
            "--quick --only=pair,batch --subjects=malloc-ffm --forks=0 --json=%s --charts=c --docs=d parent=%d"
                .formatted(json(), ProcessHandle.current().pid()));
  }

  @Test
  void exitCodesAreTheBenchmarks() {
    assertThat(run("--forks", "0")).isZero();
    assertThat(run("--forks", "1")).isEqualTo(1);
    assertThat(run("--forks", "2")).isEqualTo(2);
    assertThat(run("--forks", "3")).as("no exit code of the benchmarks").isEqualTo(1);
    assertThat(run("--fast")).isEqualTo(2);
  }

  @Test
  void withoutTheBenchmarksItSaysSo() {
    System.setProperty(BenchCommand.LIBRARY, folder.resolve("none").toString());
    assertThat(run("--quick")).isEqualTo(1);
    assertThat(err.toString()).startsWith("the benchmarks are not in ").contains("none");
    System.clearProperty(BenchCommand.LIBRARY);
    assertThat(run("--quick")).isEqualTo(1);
    assertThat(err.toString()).contains("run ./cistern bench in a checkout");
  }

  @Test
  void whenItEndsTheBenchmarksEnd() throws Exception {
    BenchProcess process =
        BenchProcess.start(folder.resolve("lib"), List.of("--forks=99", "--json=" + json()));
    await().atMost(30, SECONDS).until(() -> Files.exists(json()));
    process.close();
    assertThat(process.waitFor()).isEqualTo(1);
  }
}
