package io.cistern.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.LogManager;
import org.junit.jupiter.api.Test;

/** What is written to a terminal, and what to a pipe. Time budget: 1 s. */
class DisplayTest {
  private static final int LINES = 10;

  private final StringWriter written = new StringWriter();
  private final LiveDisplay live =
      new LiveDisplay(
          new PrintWriter(written),
          new LiveTable(
              "prism", "ws://127.0.0.1:1/", Duration.ofSeconds(30), 0, new Style(false, true)));

  private String next() {
    String text = written.toString();
    written.getBuffer().setLength(0);
    return text;
  }

  @Test
  void drawsOverItself() {
    assertThat(next()).isEqualTo("\033[?25l");
    live.show(Samples.ordinary());
    String first = next();
    assertThat(first).startsWith("\033[?7l\r\033[K cistern demo").endsWith("\n\033[?7h");
    assertThat(first.chars().filter(c -> c == '\n')).hasSize(LINES);
    live.show(Samples.ordinary());
    assertThat(next()).startsWith("\033[?7l\033[" + LINES + "A\r\033[K cistern demo");
  }

  @Test
  void noticesGoAboveTheTable() {
    live.show(Samples.ordinary());
    next();
    live.notice("warning: something");
    String text = next();
    assertThat(text)
        .startsWith("\033[?7l\033[" + LINES + "A\r\033[Kwarning: something\n\r\033[K cistern demo");
    assertThat(text.chars().filter(c -> c == '\n')).hasSize(LINES + 1);
  }

  @Test
  void leavesTheTerminalAsItWas() {
    live.show(Samples.ordinary());
    next();
    live.close();
    live.close();
    live.show(Samples.ordinary());
    live.notice("late");
    assertThat(next()).isEqualTo("\033[?25h");
  }

  @Test
  void plainIsOneLineASecond() {
    PlainDisplay plain = new PlainDisplay(new PrintWriter(written));
    next();
    plain.show(Samples.ordinary());
    plain.notice("warning: something");
    plain.close();
    assertThat(next())
        .isEqualTo(
            "   12.0s  echoed 55111 (4998/s)  busy 6100  too large 12  aborted 11  failed 6100  spills 271"
                + "  used 5/32+13/16+8/8  RSS 112.5 MiB  GC 12 in 45 ms%nwarning: something%n"
                    .formatted());
  }

  @Test
  void terminalIsUsedAsItIs() {
    assertThat(Terminal.of(true, Map.of("TERM", "xterm"), "UTF-8").isLive()).isTrue();
    assertThat(Terminal.of(true, Map.of("TERM", "dumb"), "UTF-8").isLive()).isFalse();
    assertThat(Terminal.of(false, Map.of("TERM", "xterm"), "UTF-8").isLive()).isFalse();
    assertThat(Terminal.of(true, Map.of(), "UTF-8").style()).isEqualTo(new Style(true, true));
    assertThat(Terminal.of(true, Map.of("NO_COLOR", ""), "UTF-8").style().colour()).isTrue();
    assertThat(Terminal.of(true, Map.of("NO_COLOR", "1"), "ANSI_X3.4-1968").style())
        .isEqualTo(new Style(false, false));
  }

  @Test
  void warningsBecomeNotices() throws Exception {
    List<String> notices = new ArrayList<>();
    try {
      Notices.to(notices::add);
      System.getLogger("org.example").log(Level.WARNING, "disk is {0}", "full");
      System.getLogger("org.example").log(Level.ERROR, "gone", new IllegalStateException("why"));
      System.getLogger("org.example").log(Level.INFO, "not shown");
      System.getLogger("io.cistern.gateway.Any").log(Level.WARNING, "dropped 1 frame(s)");
      System.getLogger("io.cistern").log(Level.WARNING, "a pool is exhausted: the table shows it");
    } finally {
      LogManager.getLogManager().readConfiguration();
    }
    assertThat(notices)
        .containsExactly(
            "warning: disk is full",
            "severe: gone: java.lang.IllegalStateException: why",
            "warning: dropped 1 frame(s)");
  }
}
