package io.cistern.cli;

import java.io.Console;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Help.Ansi;

/**
 * What the output is: a terminal that can be drawn on, or something that takes lines. {@code
 * ./cistern} looks and says so in a system property; without it the JVM is asked, which knows a
 * terminal only when input is one too.
 */
final class Terminal {
  static final String PROPERTY = "io.cistern.cli.terminal";

  private final boolean live;
  private final Style style;

  private Terminal(boolean live, Style style) {
    this.live = live;
    this.style = style;
  }

  static Terminal of(boolean stdout) {
    return of(stdout && isTerminal(), System.getenv(), System.getProperty("stdout.encoding", ""));
  }

  static Terminal of(boolean terminal, Map<String, String> environment, String encoding) {
    boolean live = terminal && !"dumb".equals(environment.get("TERM"));
    boolean colour = environment.getOrDefault("NO_COLOR", "").isEmpty();
    return new Terminal(
        live, new Style(colour, encoding.equalsIgnoreCase(StandardCharsets.UTF_8.name())));
  }

  private static boolean isTerminal() {
    String told = System.getProperty(PROPERTY);
    return told == null
        ? Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false)
        : Boolean.parseBoolean(told);
  }

  boolean isLive() {
    return live;
  }

  Style style() {
    return style;
  }

  /** For output that ends: colours only where it is a terminal. */
  Style plainStyle() {
    return new Style(live && style.colour(), style.unicode());
  }

  /** Whether picocli colours what it prints. */
  Ansi ansi() {
    return live && style.colour() ? Ansi.ON : Ansi.OFF;
  }

  Display display(PrintWriter out, DemoOptions options, String url, long rssStartBytes) {
    if (!live) {
      out.println("cistern demo: profile " + options.profile().name() + ", connect to " + url);
      out.flush();
      return new PlainDisplay(out);
    }
    return new LiveDisplay(
        out,
        new LiveTable(options.profile().name(), url, options.duration(), rssStartBytes, style));
  }
}
