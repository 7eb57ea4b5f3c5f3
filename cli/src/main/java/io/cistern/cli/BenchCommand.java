package io.cistern.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code cistern bench}: the benchmarks, in a JVM of their own. The peers that pools are measured
 * against (Netty, Arrow, Kafka and more) lie on that JVM's class path and nowhere near this one's.
 * What the options mean is checked over there, where the patterns and subjects are known.
 */
@Command(
    name = "bench",
    description = {
      "Measures pools against their peers, in forks of the JVM: pairs of allocate and free, batches, mixed sizes,"
          + " hand-off to another thread, refusals, statistics, latencies. Prints a table of medians with their"
          + " ratios to malloc and to the fastest peer. Ctrl-C ends it and leaves nothing behind.",
      ""
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Cistern.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:everything was measured", "1:a fork failed", "2:wrong usage"})
final class BenchCommand implements Callable<Integer> {
  /** System property: the folder of the benchmarks' jars. */
  static final String LIBRARY = "io.cistern.cli.benchmarks";

  private static final int FAILED = 1;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--quick",
      description = "One minute: the pair with three sizes at one and two threads, few subjects.")
  private boolean quick;

  @Option(
      names = "--only",
      paramLabel = "PATTERN[,PATTERN]",
      description =
          "Only these patterns: pair, batch, mixed, handoff, refused, stats, usage, arena, latency, echo"
              + " (default: all).")
  private @Nullable String only;

  @Option(
      names = "--subjects",
      paramLabel = "NAME[,NAME]",
      description = "Only these subjects, such as cistern-shared,malloc-ffm (default: all).")
  private @Nullable String subjects;

  @Option(
      names = "--forks",
      paramLabel = "N",
      description = "JVMs for each figure, interleaved with those of all others (default: 3).")
  private @Nullable String forks;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Writes the figures as JSON to a file, or to standard output for -.")
  private @Nullable String json;

  @Option(
      names = "--charts",
      paramLabel = "FOLDER",
      description = "Draws a chart (SVG) for each pattern.")
  private @Nullable String charts;

  @Option(
      names = "--docs",
      paramLabel = "FILE",
      description =
          "Puts the figures into a page, such as docs/performance.md, between its markers.")
  private @Nullable String docs;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path library = library();
    if (library == null) {
      return FAILED;
    }
    try (BenchProcess process = BenchProcess.start(library, arguments())) {
      return process.waitFor();
    }
  }

  private @Nullable Path library() {
    String folder = System.getProperty(LIBRARY);
    if (folder != null && Files.isDirectory(Path.of(folder))) {
      return Path.of(folder);
    }
    spec.commandLine()
        .getErr()
        .println(
            folder == null
                ? "the benchmarks are no part of this installation: run ./cistern bench in a checkout"
                : "the benchmarks are not in " + folder);
    spec.commandLine().getErr().flush();
    return null;
  }

  private List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    if (quick) {
      arguments.add("--quick");
    }
    add(arguments, "--only", only);
    add(arguments, "--subjects", subjects);
    add(arguments, "--forks", forks);
    add(arguments, "--json", json);
    add(arguments, "--charts", charts);
    add(arguments, "--docs", docs);
    return arguments;
  }

  private static void add(List<String> arguments, String option, @Nullable String value) {
    if (value != null) {
      arguments.add(option + "=" + value);
    }
  }
}
