package io.cistern.cli;

import java.io.PrintWriter;
import java.util.List;

/**
 * The live table on a terminal, drawn over itself. Warnings go above it. Lines do not wrap while it
 * draws, so that a narrow terminal shows a cut table and not a torn one.
 */
final class LiveDisplay implements Display {
  private static final String HIDE_CURSOR = "\033[?25l";
  private static final String SHOW_CURSOR = "\033[?25h";
  private static final String NO_WRAP = "\033[?7l";
  private static final String WRAP = "\033[?7h";
  private static final String CLEAR_LINE = "\r\033[K";

  private final PrintWriter out;
  private final LiveTable table;
  private List<String> drawn = List.of();
  private boolean closed;

  LiveDisplay(PrintWriter out, LiveTable table) {
    this.out = out;
    this.table = table;
    out.print(HIDE_CURSOR);
    out.flush();
  }

  @Override
  public synchronized void show(Sample sample) {
    draw("", table.render(sample));
  }

  @Override
  public synchronized void notice(String line) {
    draw(CLEAR_LINE + line + "\n", drawn);
  }

  private void draw(String above, List<String> lines) {
    if (closed) {
      return;
    }
    StringBuilder text = new StringBuilder(NO_WRAP);
    if (!drawn.isEmpty()) {
      text.append("\033[").append(drawn.size()).append('A');
    }
    text.append(above);
    lines.forEach(line -> text.append(CLEAR_LINE).append(line).append('\n'));
    out.print(text.append(WRAP));
    out.flush();
    drawn = lines;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      out.print(SHOW_CURSOR);
      out.flush();
    }
  }
}
