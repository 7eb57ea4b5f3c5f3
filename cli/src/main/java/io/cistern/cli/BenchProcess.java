package io.cistern.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The JVM that measures. It shares this one's streams, and ends with this one: politely, so that it
 * can kill its forks and delete their files; and by itself should this one be killed.
 */
final class BenchProcess implements AutoCloseable {
  private static final String MAIN = "io.cistern.benchmarks.Bench";
  private static final String PARENT = "io.cistern.benchmarks.parent";
  private static final long PATIENCE_SECONDS = 15;
  private static final int FAILED = 1;
  private static final int USAGE = 2;

  private final Process process;
  private final Thread hook = new Thread(this::end, "end of benchmarks");

  private BenchProcess(Process process) {
    this.process = process;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Starts the benchmarks.
   *
   * @param library folder with their jars
   * @param arguments as {@code Bench} takes them
   */
  static BenchProcess start(Path library, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1", // it only waits, and must not disturb what is measured
            "-Djava.awt.headless=true",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-D" + PARENT + "=" + ProcessHandle.current().pid(),
            "-D" + Terminal.PROPERTY + "=" + Terminal.of(true).isLive(),
            "-cp",
            library.resolve("*").toString(),
            MAIN));
    command.addAll(arguments);
    return new BenchProcess(new ProcessBuilder(command).inheritIO().start());
  }

  /** Waits for the end; what is no exit code of the benchmarks is a failure. */
  int waitFor() throws InterruptedException {
    int code = process.waitFor();
    return code == 0 || code == USAGE ? code : FAILED;
  }

  private void end() {
    process.destroy();
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException hurried) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the benchmarks if they still run. */
  @Override
  public void close() {
    end();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException shuttingDown) {
      // The hook finds nothing left to do.
    }
  }
}
