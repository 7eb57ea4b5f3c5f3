package io.cistern.benchmarks.run;

import io.cistern.benchmarks.pattern.Latencies;
import io.cistern.benchmarks.pattern.LatencyBenchmark;
import io.cistern.benchmarks.pattern.Pattern;
import io.cistern.benchmarks.subject.NativeLibrary;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs one fork of one cell through JMH, whose talk is kept for the case that it fails. */
public final class ForkRunner implements Forks {
  /** What all measured JVMs have in common: a fixed heap, one collector, no file but ours. */
  static final List<String> JVM_FLAGS =
      List.of(
          "-Xms1g",
          "-Xmx1g",
          "-XX:+UseG1GC",
          "-XX:-UsePerfData",
          "-Dslf4j.internal.verbosity=ERROR",
          "--enable-native-access=ALL-UNNAMED");

  private static final String GARBAGE = "gc.alloc.rate.norm";

  private final Path scratch;

  /**
   * A runner.
   *
   * @param scratch a folder for its files
   */
  public ForkRunner(Path scratch) {
    this.scratch = scratch;
  }

  @Override
  public ForkResult run(Cell cell, Effort effort) throws ForkFailedException {
    Path histogram = scratch.resolve("histogram");
    ChainedOptionsBuilder options =
        options(cell)
            .forks(1)
            .addProfiler(GCProfiler.class)
            .jvmArgs(flags(cell, histogram).toArray(String[]::new))
            .warmupIterations(effort.warmupRounds() * cell.round())
            .measurementIterations(effort.rounds() * cell.round())
            .warmupTime(TimeValue.milliseconds(effort.iteration().toMillis()))
            .measurementTime(TimeValue.milliseconds(effort.iteration().toMillis()));
    ByteArrayOutputStream talk = new ByteArrayOutputStream();
    try {
      preload(cell, options);
      Files.deleteIfExists(histogram);
      return result(cell, run(options, talk), histogram);
    } catch (RunnerException | IOException failed) {
      throw new ForkFailedException(cell, talk.toString(StandardCharsets.UTF_8), failed);
    }
  }

  /** What a cell is, in JMH's words. */
  static ChainedOptionsBuilder options(Cell cell) {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(cell.pattern().include())
            .param("subject", cell.subject().id())
            .shouldFailOnError(true)
            .shouldDoGC(false);
    if (cell.pattern() != Pattern.HANDOFF) { // the threads of a group are fixed
      options.threads(cell.threads());
    }
    if (!cell.sizes().isEmpty()) {
      options.param(
          "sizes", cell.sizes().stream().map(String::valueOf).collect(Collectors.joining(",")));
    }
    if (cell.blocks() > 0) {
      options.param("blocks", String.valueOf(cell.blocks()));
    }
    return options;
  }

  /** JMH copies what a fork says to this JVM's own streams, so these are turned away meanwhile. */
  static Collection<RunResult> run(ChainedOptionsBuilder options, ByteArrayOutputStream talk)
      throws RunnerException {
    PrintStream ear = new PrintStream(talk, true, StandardCharsets.UTF_8);
    PrintStream out = System.out;
    PrintStream err = System.err;
    System.setOut(ear);
    System.setErr(ear);
    try {
      return new Runner(
              options.build(), OutputFormatFactory.createFormatInstance(ear, VerboseMode.NORMAL))
          .run();
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  private List<String> flags(Cell cell, Path histogram) {
    List<String> flags = new ArrayList<>(JVM_FLAGS);
    flags.add("-Djava.io.tmpdir=" + scratch);
    if (cell.pattern() != Pattern.ECHO) { // servers run as they are run
      flags.addAll(cell.subject().flags());
    }
    if (cell.pattern().hasLatencies()) {
      flags.add("-D" + Latencies.FILE + "=" + histogram);
    }
    return flags;
  }

  /** JMH starts forks without an environment of their own, so a script stands in for the JVM. */
  private void preload(Cell cell, ChainedOptionsBuilder options) throws IOException {
    Optional<Path> library =
        cell.subject().library().filter(NativeLibrary::isPreloaded).flatMap(NativeLibrary::path);
    if (library.isEmpty()) {
      return;
    }
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Path script = scratch.resolve("java-with-" + cell.subject().id());
    Files.writeString(
        script, "#!/bin/sh\nLD_PRELOAD='%s' exec '%s' \"$@\"\n".formatted(library.get(), java));
    if (!script.toFile().setExecutable(true)) {
      throw new IOException(script + " cannot be made executable");
    }
    options.jvm(script.toString());
  }

  private static ForkResult result(Cell cell, Collection<RunResult> results, Path histogram)
      throws IOException, RunnerException {
    if (results.size() != 1) {
      throw new RunnerException(cell + " gave " + results.size() + " results instead of 1");
    }
    Optional<Histogram> latencies =
        Files.exists(histogram) ? Optional.of(Latencies.read(histogram)) : Optional.empty();
    List<Sample> samples = new ArrayList<>();
    for (BenchmarkResult fork : results.iterator().next().getBenchmarkResults()) {
      for (IterationResult iteration : fork.getIterationResults()) {
        int number = samples.size();
        int size = cell.sizes().isEmpty() ? 0 : cell.sizes().get(number % cell.round());
        samples.add(sample(cell, size, iteration));
      }
    }
    return new ForkResult(samples, latencies);
  }

  private static Sample sample(Cell cell, int size, IterationResult iteration) {
    Result<?> garbage = iteration.getSecondaryResults().get(GARBAGE);
    double bytes = garbage == null ? Double.NaN : garbage.getScore();
    return new Sample(
        size,
        iteration.getPrimaryResult().getScore() / stepsPerCall(cell),
        bytes * callsPerOperation(cell) / stepsPerCall(cell));
  }

  /** JMH counts a call of the latency benchmark as one operation. */
  private static int stepsPerCall(Cell cell) {
    return cell.pattern() == Pattern.LATENCY ? LatencyBenchmark.STEPS : 1;
  }

  /** JMH counts both ends of a hand-off, each of which takes as long as the whole. */
  private static int callsPerOperation(Cell cell) {
    return cell.pattern() == Pattern.HANDOFF ? 2 : 1;
  }
}
