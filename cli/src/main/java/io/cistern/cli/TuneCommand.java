package io.cistern.cli;

import io.cistern.simulator.Trace;
import io.cistern.simulator.chart.TuneChart;
import io.cistern.simulator.tune.ProfileText;
import io.cistern.simulator.tune.Tuner;
import io.cistern.simulator.tune.Tuning;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cistern tune}: the tiers that serve a program's own traces in the least memory. */
@Command(
    name = "tune",
    description = {
      "Finds the sizes and counts of tiers that serve allocation traces in the least memory, compares them with tiers of"
          + " powers of two and with a pool of variable sizes, proves them by replaying the traces on a real pool, and"
          + " writes them as a profile that demo and replay take.",
      ""
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Cistern.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:a profile was found, and replays without a failure",
      "1:it cannot be done within the budget, or the search was stopped",
      "2:wrong usage, or a file that is no trace"
    })
final class TuneCommand implements Callable<Integer> {
  private static final int FAILED = 1;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description = "Trace files (.rep); the tiers serve each of them, one at a time.")
  private List<String> files = List.of();

  @Option(
      names = "--tiers",
      paramLabel = "N",
      defaultValue = "16",
      description = "Tiers there may be, up to 64 (default: ${DEFAULT-VALUE}).")
  private int tiers;

  @Option(
      names = "--budget",
      paramLabel = "BYTES",
      converter = BytesConverter.class,
      description = "Memory there is, such as 57344, 64KiB or 4M (default: as much as it takes).")
  private @Nullable Long budget;

  @Option(
      names = "--headroom",
      paramLabel = "PERCENT",
      defaultValue = "0%",
      converter = PercentConverter.class,
      description =
          "Blocks beyond what the traces need, such as 25%% (default: ${DEFAULT-VALUE}%).")
  private double headroom;

  @Option(
      names = "--out",
      paramLabel = "NAME.conf",
      description = "Writes the profile to a file (default: to standard output).")
  private @Nullable String out;

  @Option(
      names = "--chart",
      paramLabel = "FILE",
      description = "Draws what is wasted in each tier, as .svg or .png.")
  private @Nullable String chart;

  @Override
  public Integer call() throws IOException {
    if (tiers < 1 || tiers > Tuner.MAX_TIERS) {
      throw new UsageException(
          "--tiers %d: must be from 1 to %d".formatted(tiers, Tuner.MAX_TIERS));
    }
    Path profile = out == null ? null : profileFile(out);
    Path picture = chart == null ? null : ReplayCommand.chartFile(chart);
    PrintWriter err = spec.commandLine().getErr();
    Notices.to(err::println);
    List<Trace> traces = Traces.read(files, err);
    if (traces.stream().allMatch(trace -> trace.peakLiveBytes() == 0)) {
      throw new UsageException("nothing is allocated in the traces: no tier is needed");
    }
    try (StopSignal stop = new StopSignal()) {
      int code = tune(traces, stop, profile, picture);
      stop.finished(code);
      return code;
    }
  }

  private static Path profileFile(String name) {
    if (!name.endsWith(".conf")) {
      throw new UsageException("--out " + name + ": must end in .conf, as profiles do");
    }
    return OutputFile.of("--out", name);
  }

  private int tune(
      List<Trace> traces, StopSignal stop, @Nullable Path profile, @Nullable Path picture)
      throws IOException {
    PrintWriter human = spec.commandLine().getOut();
    boolean live = Terminal.of(true).isLive();
    TraceProgress progress =
        new TraceProgress(
            live ? human : spec.commandLine().getErr(),
            live,
            1,
            () -> stop.isWantedWithin(0),
            System::nanoTime);
    Tuning tuning = Tuner.tune(traces, tiers, headroom, progress);
    progress.clear();
    if (stop.isWantedWithin(0)) {
      human.println("stopped before the end: no profile was made");
      human.flush();
      return FAILED;
    }
    TuneTable.print(tuning, traces, human);
    if (picture != null) {
      TuneChart.write(picture, title(traces), tuning);
    }
    String refusal = refusal(tuning);
    if (refusal != null) {
      human.println(refusal);
      human.flush();
      return FAILED;
    }
    long limit = budget == null ? tuning.plan().regionBytes() : budget;
    String name = profile == null ? "tuned" : name(profile);
    String text = ProfileText.of(tuning.plan(), name, traces, limit, headroom);
    return TuneProof.write(text, profile, traces, progress, human) ? 0 : FAILED;
  }

  private static String title(List<Trace> traces) {
    return traces.size() == 1
        ? "tiers for " + traces.getFirst().name()
        : "tiers for %d traces".formatted(traces.size());
  }

  private static String name(Path profile) {
    String file = Objects.requireNonNull(profile.getFileName(), "it ends in .conf").toString();
    return file.substring(0, file.length() - ".conf".length());
  }

  /** Why it cannot be done, in words, or null. */
  private @Nullable String refusal(Tuning tuning) {
    try {
      tuning.plan().check();
    } catch (IllegalArgumentException tooMany) {
      return "cannot be done: no pool holds this: " + tooMany.getMessage();
    }
    long needed = tuning.plan().regionBytes();
    if (budget == null || needed <= budget) {
      return null;
    }
    String bare =
        headroom == 0
            ? ""
            : String.format(
                Locale.ROOT,
                ", and %,d B without headroom",
                tuning.withoutHeadroom().regionBytes());
    return String.format(
        Locale.ROOT,
        "cannot be done within %,d B: the smallest budget found for up to %d tiers is %,d B%s",
        budget,
        tiers,
        needed,
        bare);
  }
}
