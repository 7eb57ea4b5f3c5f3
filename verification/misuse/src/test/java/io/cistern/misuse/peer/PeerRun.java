package io.cistern.misuse.peer;

import io.cistern.misuse.peer.PeerOutcome.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Does all cases to one allocator, in JVMs that start as quickly as they can and leave nothing
 * behind but their output: a new one after each case that was not thrown. That one is ended by a
 * signal is an outcome like others.
 */
final class PeerRun {
  private static final long LIMIT_SECONDS = 120;
  private static final int FIRST_SIGNAL = 128;
  private static final int SIGABRT = 6;
  private static final Pattern SIGNAL = Pattern.compile("# +(SIG[A-Z]+) \\(0x");
  private static final List<String> FLAGS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xshare:auto",
          "-Xmx128m",
          "-XX:-CreateCoredumpOnCrash",
          "-XX:ErrorLogTimeout=2",
          "--enable-native-access=ALL-UNNAMED",
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private final PeerKind kind;
  private final Path scratch;

  /**
   * A run.
   *
   * @param scratch a folder that JVMs may write to when they crash
   */
  PeerRun(PeerKind kind, Path scratch) {
    this.kind = kind;
    this.scratch = scratch;
  }

  /** What the allocator makes of each case that can be expressed with it, by the case's name. */
  Map<String, PeerOutcome> run() throws IOException, InterruptedException {
    Map<String, PeerOutcome> outcomes = new LinkedHashMap<>();
    List<PeerCase> cases = kind.cases();
    while (outcomes.size() < cases.size()) {
      for (PeerOutcome outcome : runFrom(outcomes.size())) {
        outcomes.put(cases.get(outcomes.size()).name(), outcome);
      }
    }
    return outcomes;
  }

  /** At least one. */
  private List<PeerOutcome> runFrom(int first) throws IOException, InterruptedException {
    Path output = Files.createTempFile(scratch, kind.name(), ".txt");
    Process process =
        new ProcessBuilder(command(first))
            .directory(scratch.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError(
            "%s from case %d on: has not ended within %d s; so far:%n%s"
                .formatted(kind, first, LIMIT_SECONDS, Files.readString(output)));
      }
    } finally {
      process.destroyForcibly();
    }
    return outcomes(process.exitValue(), Files.readString(output));
  }

  private List<String> command(int first) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(FLAGS);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(PeerChild.class.getName());
    command.add(kind.name());
    command.add(String.valueOf(first));
    return command;
  }

  /**
   * Reads how a JVM ended.
   *
   * @throws AssertionError when it was ended neither by itself nor by a signal
   */
  static List<PeerOutcome> outcomes(int exitCode, String output) {
    List<PeerOutcome> outcomes = new ArrayList<>();
    output
        .lines()
        .filter(line -> line.startsWith(PeerChild.MARK))
        .map(line -> PeerOutcome.parse(line.substring(PeerChild.MARK.length())))
        .forEach(outcomes::add);
    Optional<String> signal = signal(exitCode, output);
    signal.ifPresent(name -> outcomes.add(new PeerOutcome(Kind.ABORTED, name)));
    if (outcomes.isEmpty() || (exitCode != 0 && signal.isEmpty())) {
      throw new AssertionError("exit code " + exitCode + ": " + output);
    }
    return outcomes;
  }

  /** The JVM says which signal it was sent, and ends itself in whatever way it still can. */
  private static Optional<String> signal(int exitCode, String output) {
    Matcher said = SIGNAL.matcher(output);
    if (said.find()) {
      return Optional.of(said.group(1));
    }
    int number = exitCode - FIRST_SIGNAL;
    return number <= 0
        ? Optional.empty()
        : Optional.of(number == SIGABRT ? "SIGABRT" : "signal " + number);
  }
}
