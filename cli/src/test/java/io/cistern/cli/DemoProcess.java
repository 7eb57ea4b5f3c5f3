package io.cistern.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A demo in a process of its own, whose output is read line by line. */
final class DemoProcess implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 30;

  private final Process process;
  private final BufferedReader lines;

  private DemoProcess(Process process) {
    this.process = process;
    this.lines = process.inputReader();
  }

  static DemoProcess start(String... options) throws IOException {
    return start(List.of(), options);
  }

  /** With flags of the JVM. */
  static DemoProcess start(List<String> flags, String... options) throws IOException {
    List<String> command = new ArrayList<>(Jvm.command(Cistern.class, "demo"));
    command.addAll(1, flags);
    command.addAll(List.of(options));
    return new DemoProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  long pid() {
    return process.pid();
  }

  /** The next line that has a text in it. */
  String awaitLine(String text) throws IOException {
    StringBuilder said = new StringBuilder();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.contains(text)) {
        return line;
      }
      said.append(line).append('\n');
    }
    throw new AssertionError("the demo ended before it said '" + text + "':\n" + said);
  }

  /** What it says until it ends. */
  String awaitEnd() throws InterruptedException {
    String rest = lines.lines().collect(Collectors.joining("\n"));
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("the demo said its last, and did not end:\n" + rest);
    }
    return rest;
  }

  int exitCode() {
    return process.exitValue();
  }

  /** Asks it to end in order; its output can be read on. */
  void terminate() {
    process.toHandle().destroy();
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    lines.close();
  }
}
