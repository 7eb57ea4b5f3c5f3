package io.cistern.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jspecify.annotations.Nullable;

/**
 * A whole terminal to draw on: its other screen, without cursor, keys as they are pressed. Closing
 * it leaves the terminal as it was found. JLine is asked for the mode, the size and the keys; what
 * is drawn goes the way of all output, so that it can still be put right while the JVM shuts down,
 * when JLine has closed its own already.
 */
final class TopScreen implements AutoCloseable {
  private static final String ENTER = "\033[?1049h\033[?25l\033[?7l";
  private static final String LEAVE = "\033[?7h\033[?25h\033[?1049l";
  private static final Size USUAL = Size.of(80, 24);

  private final org.jline.terminal.Terminal terminal;
  private final PrintWriter out;
  private volatile boolean resized = true;
  private Size size = USUAL;
  private List<String> drawn = List.of();

  private TopScreen(org.jline.terminal.Terminal terminal, PrintWriter out) {
    this.terminal = terminal;
    this.out = out;
    terminal.enterRawMode();
    terminal.setAttributes(withControlC(terminal.getAttributes()));
    terminal.handle(org.jline.terminal.Terminal.Signal.WINCH, signal -> resized = true);
    out.print(ENTER);
    out.flush();
  }

  /** Takes the terminal; null when input or output is none that could be drawn on. */
  static @Nullable TopScreen open(PrintWriter out) throws IOException {
    try {
      return new TopScreen(
          TerminalBuilder.builder().system(true).dumb(false).graphemeCluster(false).build(), out);
    } catch (IllegalStateException noTerminal) {
      return null;
    }
  }

  /**
   * Ctrl-C is a signal, as everywhere, so that it works whatever else does not. Ctrl-Z would leave
   * the screen behind, and what Ctrl-\ makes the JVM say would tear it.
   */
  private static Attributes withControlC(Attributes raw) {
    raw.setLocalFlag(Attributes.LocalFlag.ISIG, true);
    raw.setControlChar(Attributes.ControlChar.VSUSP, 0);
    raw.setControlChar(Attributes.ControlChar.VQUIT, 0);
    return raw;
  }

  /** How large it is now; a terminal that does not know is taken to be as usual. */
  Size size() {
    if (resized) {
      resized = false;
      Size now = terminal.getSize();
      size = now.getColumns() > 0 && now.getRows() > 0 ? now : USUAL;
      drawn = List.of();
    }
    return size;
  }

  /** The next key, waited for so long. */
  TopKey key(long millis) throws IOException {
    return TopKey.read(terminal.reader()::read, millis);
  }

  /** Draws what has changed. */
  void draw(List<String> lines) {
    StringBuilder text = new StringBuilder(drawn.isEmpty() ? "\033[2J" : "");
    for (int row = 0; row < lines.size(); row++) {
      if (row >= drawn.size() || !lines.get(row).equals(drawn.get(row))) {
        text.append("\033[").append(row + 1).append(";1H").append(fitted(lines.get(row)));
      }
    }
    out.print(text);
    out.flush();
    drawn = List.copyOf(lines);
  }

  /**
   * The line, cut at the last column, and the rest of the row cleared. A line as long as the row
   * leaves the cursor on its last character, which must not be cleared.
   */
  private String fitted(String line) {
    AttributedString text = AttributedString.fromAnsi(line);
    int columns = size.getColumns();
    if (text.columnLength() < columns) {
      return line + "\033[K";
    }
    return text.columnLength() == columns ? line : text.columnSubSequence(0, columns).toAnsi();
  }

  @Override
  public void close() throws IOException {
    out.print(LEAVE);
    out.flush();
    terminal.close();
  }
}
