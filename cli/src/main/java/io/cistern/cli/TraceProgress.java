package io.cistern.cli;

import io.cistern.simulator.ReplayListener;
import io.cistern.simulator.Trace;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * How far the work on traces is: on a terminal one line that changes, elsewhere a line now and then
 * once it takes long. Safe for use by several threads.
 */
final class TraceProgress implements ReplayListener {
  private static final String CLEAR_LINE = "\r\033[K";
  private static final long LIVE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long PLAIN_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final PrintWriter out;
  private final boolean live;
  private final int traces;
  private final BooleanSupplier stop;
  private final LongSupplier clock;
  private final long interval;
  private int number;
  private long last;
  private boolean shown;

  /**
   * Progress.
   *
   * @param out where it goes
   * @param live whether that is a terminal
   * @param traces how many there are
   * @param stop whether the work is to end
   * @param clock in nanoseconds
   */
  TraceProgress(
      PrintWriter out, boolean live, int traces, BooleanSupplier stop, LongSupplier clock) {
    this.out = out;
    this.live = live;
    this.traces = traces;
    this.stop = stop;
    this.clock = clock;
    this.interval = live ? LIVE_NANOS : PLAIN_NANOS;
    this.last = clock.getAsLong();
  }

  /** The next trace begins. */
  synchronized void next() {
    number++;
  }

  @Override
  public synchronized boolean onProgress(Trace trace, String step, double share) {
    long now = clock.getAsLong();
    if (now - last >= interval) {
      last = now;
      show(
          String.format(
              Locale.ROOT,
              "[%d/%d] %s: %s, %.0f %%",
              Math.max(1, number),
              traces,
              trace.name(),
              step,
              100 * share));
    }
    return !stop.getAsBoolean();
  }

  private void show(String line) {
    if (live) {
      out.print(CLEAR_LINE + line);
      shown = true;
    } else {
      out.println(line);
    }
    out.flush();
  }

  /** Takes the changing line away, before something else is printed. */
  synchronized void clear() {
    if (shown) {
      out.print(CLEAR_LINE);
      shown = false;
    }
  }
}
