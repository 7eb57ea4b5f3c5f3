package io.cistern.benchmarks.burst;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A {@link BurstServer} and what the system says of its memory. Its Java heap is fixed and touched
 * from the start, so what comes and goes is memory beside it.
 */
final class BurstProcess implements AutoCloseable {
  private static final int KIB = 1024;
  private static final int PATIENCE_SECONDS = 30;
  private static final List<String> FLAGS =
      List.of(
          "-Xms256m",
          "-Xmx256m",
          "-XX:+AlwaysPreTouch",
          "-XX:-UsePerfData",
          "-XX:MaxDirectMemorySize=512m",
          "-Dslf4j.internal.verbosity=ERROR",
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "--enable-native-access=ALL-UNNAMED");

  private final Process process;
  private final BufferedReader answers;
  private final Writer questions;
  private final int port;

  BurstProcess(BurstSubject subject) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(FLAGS);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(BurstServer.class.getName(), subject.id()));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    answers = process.inputReader(StandardCharsets.UTF_8);
    questions = process.outputWriter(StandardCharsets.UTF_8);
    port = (int) answer();
  }

  int port() {
    return port;
  }

  /** What the server has taken, by its own count. */
  long takenBytes() throws IOException {
    questions.write("\n");
    questions.flush();
    return answer();
  }

  private long answer() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new EOFException("the server ended");
    }
    return Long.parseLong(line);
  }

  /** Memory of the process that is in RAM. */
  long rssBytes() throws IOException {
    return status("VmRSS:");
  }

  /** The most that ever was. */
  long peakRssBytes() throws IOException {
    return status("VmHWM:");
  }

  private long status(String key) throws IOException {
    Path status = Path.of("/proc", String.valueOf(process.pid()), "status");
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith(key)) {
        return Long.parseLong(line.replaceAll("\\D", "")) * KIB;
      }
    }
    throw new IOException(status + " has no " + key);
  }

  /** Stops the server; false when it did not end, or not well. */
  boolean stop() throws IOException, InterruptedException {
    questions.close();
    return process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
