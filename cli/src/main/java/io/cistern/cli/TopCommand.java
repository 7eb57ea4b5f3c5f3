package io.cistern.cli;

import io.cistern.ManagerStats;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cistern top}: a live screen of the pools of a running process. */
@Command(
    name = "top",
    description = {
      "Shows the pools of a running process live: how full they are, what they do in a second, who holds memory. The process"
          + " must have registered its manager (PoolBeans.register); nothing else needs to be prepared. Without --pid and"
          + " --jmx the only such process of this machine is taken.",
      ""
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Cistern.Version.class)
final class TopCommand implements Callable<Integer> {
  private static final Duration SHORTEST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofHours(1);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--pid", paramLabel = "PID", description = "The process, on this machine.")
  private @Nullable Long pid;

  @Option(
      names = "--jmx",
      paramLabel = "HOST:PORT",
      converter = HostPortConverter.class,
      description = "Where a process listens for JMX, on any machine.")
  private @Nullable String jmx;

  @Option(
      names = "--manager",
      paramLabel = "NAME",
      description = "Which manager, when the process has several.")
  private @Nullable String manager;

  @Option(
      names = "--interval",
      paramLabel = "TIME",
      defaultValue = "1s",
      converter = DurationConverter.class,
      description = "From one reading to the next: 100ms to 1h (default: ${DEFAULT-VALUE}).")
  private Duration interval = Duration.ZERO;

  @Option(names = "--once", description = "One snapshot as a table, then the end.")
  private boolean once;

  @Option(
      names = "--json",
      description = "Snapshots as JSON: one with --once, else one a line at each interval.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    if (pid != null && jmx != null) {
      throw new UsageException("--pid and --jmx: give one of them");
    }
    if (interval.compareTo(SHORTEST) < 0 || interval.compareTo(LONGEST) > 0) {
      throw new UsageException(
          "--interval %d ms: must be from 100ms to 1h".formatted(interval.toMillis()));
    }
    PrintWriter out = spec.commandLine().getOut();
    try (StopSignal stop = new StopSignal();
        TopConnection connection = connect()) {
      int code = show(connection, stop, out);
      stop.finished(code);
      return code;
    }
  }

  private TopConnection connect() {
    if (jmx != null) {
      return TopConnection.toPort(jmx, manager);
    }
    TopProcesses.Found process = pid == null ? TopProcesses.only() : TopProcesses.byPid(pid);
    return TopConnection.toProcess(process, manager);
  }

  private int show(TopConnection connection, StopSignal stop, PrintWriter out) throws IOException {
    try {
      if (once) {
        showOnce(connection, out);
      } else {
        new TopRun(connection, interval, stop).run(out, Terminal.of(!json), json);
      }
      return 0;
    } catch (TopConnection.GoneException ended) {
      spec.commandLine().getErr().println(ended.getMessage());
      spec.commandLine().getErr().flush();
      return 1;
    }
  }

  private void showOnce(TopConnection connection, PrintWriter out)
      throws TopConnection.GoneException {
    ManagerStats stats = connection.stats();
    if (json) {
      out.println(TopPlain.json(stats));
    } else {
      TopSample sample = TopSample.once(stats, connection.topSites(TopFeed.SITES));
      TopPlain.table(sample, Terminal.of(true).plainStyle(), out);
    }
    out.flush();
  }
}
