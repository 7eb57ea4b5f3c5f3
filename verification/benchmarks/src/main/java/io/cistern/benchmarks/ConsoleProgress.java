package io.cistern.benchmarks;

import io.cistern.benchmarks.run.Cell;
import io.cistern.benchmarks.run.ForkFailedException;
import io.cistern.benchmarks.run.ForkResult;
import io.cistern.benchmarks.run.Progress;
import io.cistern.benchmarks.run.Sample;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** Progress as one line that changes, on a terminal, and as a line a fork elsewhere. */
final class ConsoleProgress implements Progress {
  private static final String CLEAR_LINE = "\r\033[K";

  private final PrintStream out;
  private final boolean live;
  private String line = "";

  ConsoleProgress(PrintStream out, boolean live) {
    this.out = out;
    this.live = live;
  }

  @Override
  public void onFork(Cell cell, int number, int forks, Duration left) {
    line = "[%d/%d, about %s left] %s".formatted(number, forks, text(left), cell);
    if (live) {
      out.print(CLEAR_LINE + line);
      out.flush();
    }
  }

  @Override
  public void onResult(Cell cell, ForkResult result) {
    if (!live) {
      double mean =
          result.samples().stream().mapToDouble(Sample::nsPerOp).average().orElse(Double.NaN);
      out.println(line + String.format(Locale.ROOT, ": mean %,.1f ns", mean));
      out.flush();
    }
  }

  @Override
  public void onFailure(ForkFailedException failure) {
    clear();
    out.println("failed: " + failure.getMessage());
    out.flush();
  }

  /** Takes the changing line away. */
  void clear() {
    if (live) {
      out.print(CLEAR_LINE);
      out.flush();
    }
  }

  static String text(Duration time) {
    return time.compareTo(Duration.ofMinutes(2)) < 0
        ? time.toSeconds() + " s"
        : time.toMinutes() + " min";
  }
}
