package io.cistern.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jline.terminal.Size;
import org.jspecify.annotations.Nullable;

/** Shows a connection until somebody has seen enough, or the process is gone. */
final class TopRun {
  private static final long GLANCE_MILLIS = 50;

  private final TopConnection connection;
  private final Duration interval;
  private final StopSignal stop;

  TopRun(TopConnection connection, Duration interval, StopSignal stop) {
    this.connection = connection;
    this.interval = interval;
    this.stop = stop;
  }

  /**
   * Shows it on a screen if there is one and nothing else is asked for, else line by line.
   *
   * @throws TopConnection.GoneException when the process ends first
   */
  void run(PrintWriter out, Terminal terminal, boolean json)
      throws IOException, TopConnection.GoneException {
    try (TopFeed feed = new TopFeed(connection, interval);
        TopScreen screen = terminal.isLive() && !json ? TopScreen.open(out) : null) {
      if (screen == null) {
        lines(feed, out, json);
      } else {
        live(feed, screen, terminal.style());
      }
    }
  }

  private void live(TopFeed feed, TopScreen screen, Style style)
      throws IOException, TopConnection.GoneException {
    TopView view = new TopView(connection.target(), interval, style, feed::ask);
    while (true) {
      requireThere(feed);
      Size size = screen.size();
      screen.draw(view.lines(feed.latest(), System.nanoTime(), size.getColumns(), size.getRows()));
      if (view.press(key(screen)) || stop.isWantedWithin(0)) {
        return;
      }
    }
  }

  /** While the JVM shuts down, JLine closes the keyboard before this has seen that it does. */
  private TopKey key(TopScreen screen) throws IOException {
    try {
      return screen.key(GLANCE_MILLIS);
    } catch (IOException | IllegalStateException closed) {
      if (stop.isWantedWithin(TimeUnit.SECONDS.toNanos(1))) {
        return TopKey.NONE;
      }
      throw closed;
    }
  }

  private void lines(TopFeed feed, PrintWriter out, boolean json)
      throws TopConnection.GoneException {
    TopFeed.State shown = null;
    do {
      requireThere(feed);
      TopFeed.State state = feed.latest();
      if (state != null && !state.equals(shown)) {
        out.println(
            json ? TopPlain.jsonLine(state.sample().stats()) : TopPlain.line(state.sample()));
        out.flush();
        shown = state;
      }
    } while (!stop.isWantedWithin(TimeUnit.MILLISECONDS.toNanos(GLANCE_MILLIS))
        && !out.checkError());
  }

  private static void requireThere(TopFeed feed) throws TopConnection.GoneException {
    TopConnection.@Nullable GoneException gone = feed.gone();
    if (gone != null) {
      throw gone;
    }
  }
}
