package io.cistern.benchmarks;

import io.cistern.benchmarks.BenchOptions.UsageException;
import io.cistern.benchmarks.report.Charts;
import io.cistern.benchmarks.report.Environment;
import io.cistern.benchmarks.report.JsonReport;
import io.cistern.benchmarks.report.PageSection;
import io.cistern.benchmarks.report.Report;
import io.cistern.benchmarks.report.TextTable;
import io.cistern.benchmarks.run.ForkRunner;
import io.cistern.benchmarks.run.Plan;
import io.cistern.benchmarks.run.Scratch;
import io.cistern.benchmarks.run.Session;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Measures and reports. {@code cistern bench} starts this in a JVM whose class path has the peers;
 * it starts a JVM for each fork. Exit codes: 0 all was measured; 1 a fork failed, or a report could
 * not be written; 2 wrong usage.
 */
public final class Bench {
  /** System property: the process with which this one ends. */
  public static final String PARENT = "io.cistern.benchmarks.parent";

  /** System property: whether standard output is a terminal. */
  public static final String TERMINAL = "io.cistern.cli.terminal";

  private static final int OK = 0;
  private static final int FAILED = 1;
  private static final int USAGE = 2;

  private final BenchOptions options;
  private final PrintStream out;

  private Bench(BenchOptions options) {
    this.options = options;
    this.out = isJsonOnStdout(options) ? System.err : System.out;
  }

  /**
   * Runs and ends the process.
   *
   * @param args options
   * @throws IOException when there is no place for temporary files, or a report cannot be written
   */
  public static void main(String... args) throws IOException {
    int code;
    try {
      BenchOptions options = BenchOptions.parse(args);
      try (Scratch scratch = Scratch.open()) {
        Optional.ofNullable(Long.getLong(PARENT)).ifPresent(scratch::endWith);
        code = new Bench(options).run(scratch);
      }
    } catch (UsageException wrong) {
      System.err.println(wrong.getMessage());
      System.err.println("Try 'cistern bench --help'.");
      code = USAGE;
    }
    System.exit(code);
  }

  private int run(Scratch scratch) throws IOException {
    Plan plan =
        options.quick()
            ? Plan.quick(options.subjects())
            : Plan.full(options.patterns(), options.subjects());
    Environment environment = Environment.here();
    environment.lines().forEach(out::println);
    environment.warning().ifPresent(warning -> out.println("warning  " + warning));
    plan.leftOut().forEach(reason -> out.println("left out " + reason));
    if (plan.cells().isEmpty()) {
      out.println("nothing to measure: none of the subjects takes part in any of the patterns");
      return USAGE;
    }
    ConsoleProgress progress = new ConsoleProgress(out, Boolean.getBoolean(TERMINAL));
    Session session = session(plan, scratch, progress);
    Report report = Report.of(session.run());
    progress.clear();
    if (scratch.isStopped()) {
      return FAILED;
    }
    report(report, environment);
    return session.hasFailures() ? FAILED : OK;
  }

  private Session session(Plan plan, Scratch scratch, ConsoleProgress progress) {
    ForkRunner runner = new ForkRunner(scratch.folder());
    return options.quick()
        ? Session.quick(plan, runner, progress, scratch::isStopped)
        : Session.full(plan, options.forks(), runner, progress, scratch::isStopped);
  }

  private void report(Report report, Environment environment) throws IOException {
    out.println();
    out.println(how());
    TextTable.of(report).forEach(out::println);
    if (options.json().isPresent()) {
      writeJson(JsonReport.of(report), options.json().get());
    }
    if (options.charts().isPresent()) {
      Charts.write(options.charts().get(), report);
    }
    if (options.docs().isPresent()) {
      PageSection.write(options.docs().get(), report, environment, how(), options.charts());
    }
  }

  private String how() {
    int forks = options.quick() ? 1 : options.forks();
    return (forks == 1
            ? "medians of the iterations of 1 fork"
            : "medians of %d forks".formatted(forks))
        + ", ± half their range; ratios below 1 are faster";
  }

  private static void writeJson(String json, String target) throws IOException {
    if (target.equals(BenchOptions.STDOUT)) {
      System.out.print(json);
      System.out.flush();
    } else {
      Files.writeString(Path.of(target), json);
    }
  }

  private static boolean isJsonOnStdout(BenchOptions options) {
    return options.json().filter(BenchOptions.STDOUT::equals).isPresent();
  }
}
