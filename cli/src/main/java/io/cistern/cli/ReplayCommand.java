package io.cistern.cli;

import io.cistern.simulator.Replay;
import io.cistern.simulator.ReplayOptions;
import io.cistern.simulator.ReplayResult;
import io.cistern.simulator.Subject;
import io.cistern.simulator.Trace;
import io.cistern.simulator.chart.ChartFile;
import io.cistern.simulator.chart.ReplayChart;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cistern replay}: what a program allocated, on a pool of ours or on a peer. */
@Command(
    name = "replay",
    description = {
      "Replays allocation traces of real programs and says how long an operation takes, how much memory the pool needs"
          + " for what is live, and how fragmented it gets. Every block is filled and checked. Ctrl-C ends it with"
          + " what is done by then.",
      ""
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Cistern.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every trace was replayed without a failure",
      "1:a request was refused, a block was damaged, or the replay was stopped",
      "2:wrong usage, or a file that is no trace"
    })
final class ReplayCommand implements Callable<Integer> {
  private static final int FAILED = 1;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description = "Trace files (.rep), as a pool records them.")
  private List<String> files = List.of();

  @Option(
      names = "--pool",
      paramLabel = "POOL[,POOL]",
      split = ",",
      defaultValue = "variable",
      description =
          "What to replay on: tiers:PROFILE (a shipped profile or a file), variable, malloc, netty, netty-adaptive;"
              + " several are measured side by side (default: ${DEFAULT-VALUE}).")
  private List<String> pools = List.of();

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description = "Replays of each trace at once, in one pool (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Writes the results as JSON to a file, or to standard output for -.")
  private @Nullable String json;

  @Option(
      names = "--chart",
      paramLabel = "FILE",
      description = "Draws live bytes and fragmentation over time, as .svg or .png.")
  private @Nullable String chart;

  @Override
  public Integer call() throws IOException {
    if (threads < 1 || threads > ReplayOptions.MAX_THREADS) {
      throw new UsageException(
          "--threads %d: must be from 1 to %d".formatted(threads, ReplayOptions.MAX_THREADS));
    }
    JsonTarget target = json == null ? null : JsonTarget.of(json);
    Path picture = chart == null ? null : chartFile(chart);
    PrintWriter err = spec.commandLine().getErr();
    Notices.to(err::println);
    List<Subject> subjects = pools.stream().map(ReplayCommand::subject).toList();
    List<Trace> traces = Traces.read(files, err);
    try (StopSignal stop = new StopSignal()) {
      int code = replay(traces, subjects, stop, target, picture);
      stop.finished(code);
      return code;
    }
  }

  private static Subject subject(String name) {
    try {
      return Subject.of(name);
    } catch (IllegalArgumentException unknown) {
      throw new UsageException("--pool " + unknown.getMessage());
    }
  }

  static Path chartFile(String name) {
    Path file = OutputFile.of("--chart", name);
    if (!ChartFile.isChart(file)) {
      throw new UsageException("--chart " + name + ": must end in .svg or .png");
    }
    return file;
  }

  private int replay(
      List<Trace> traces,
      List<Subject> subjects,
      StopSignal stop,
      @Nullable JsonTarget target,
      @Nullable Path picture)
      throws IOException {
    boolean taken = target != null && target.isStdout();
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    PrintWriter human = taken ? err : out;
    boolean live = Terminal.of(!taken).isLive();
    TraceProgress progress =
        new TraceProgress(
            live ? human : err,
            live,
            traces.size(),
            () -> stop.isWantedWithin(0),
            System::nanoTime);
    ReplayTable table = new ReplayTable(human, traces, subjects);
    List<ReplayResult> results = replay(traces, subjects, progress, table);
    if (target != null) {
      target.write(results.stream().map(ReplayRow::of).toList(), out);
    }
    if (picture != null) {
      ReplayChart.write(picture, results);
    }
    return verdict(traces.size(), subjects.size(), results, err);
  }

  private List<ReplayResult> replay(
      List<Trace> traces, List<Subject> subjects, TraceProgress progress, ReplayTable table) {
    Replay replay = new Replay(subjects, ReplayOptions.measuring(threads), progress);
    List<ReplayResult> results = new ArrayList<>();
    table.head();
    for (Trace trace : traces) {
      progress.next();
      List<ReplayResult> ofTrace = replay.run(trace);
      progress.clear();
      table.add(ofTrace);
      results.addAll(ofTrace);
      if (ofTrace.isEmpty()) {
        break;
      }
    }
    table.means();
    return results;
  }

  private static int verdict(
      int traces, int subjects, List<ReplayResult> results, PrintWriter err) {
    int done = results.size() / subjects;
    if (done < traces) {
      err.println("stopped: %d of %d traces were replayed".formatted(done, traces));
      err.flush();
      return FAILED;
    }
    return results.stream().anyMatch(result -> result.failures() > 0) ? FAILED : 0;
  }
}
