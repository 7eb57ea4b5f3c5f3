package io.cistern.cli;

import io.cistern.PressureLevel;

/**
 * How the live table is drawn: with or without colour, with block characters or in ASCII.
 *
 * @param colour whether escape sequences for colour are written
 * @param unicode whether the terminal's character set is UTF-8
 */
record Style(boolean colour, boolean unicode) {
  private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

  String bold(String text) {
    return paint("1", text);
  }

  String dim(String text) {
    return paint("2", text);
  }

  String level(PressureLevel level, String text) {
    return switch (level) {
      case NORMAL -> paint("32", text);
      case LOW -> paint("33", text);
      case CRITICAL -> paint("31", text);
    };
  }

  private String paint(String code, String text) {
    return colour && !text.isEmpty() ? "\033[" + code + "m" + text + "\033[0m" : text;
  }

  /**
   * A bar of a number of cells: what is used, a mark at the peak, dots for what was never used.
   *
   * <pre>
   * ██████▌···│·········
   * </pre>
   */
  String bar(int cells, long used, long peak, long total, PressureLevel level) {
    int eighths = (int) Math.ceil(8.0 * cells * used / total);
    StringBuilder full = new StringBuilder((unicode ? "█" : "#").repeat(eighths / 8));
    if (eighths % 8 > 0) {
      full.append(unicode ? EIGHTHS.charAt(eighths % 8) : '#');
    }
    StringBuilder rest = new StringBuilder((unicode ? "·" : ".").repeat(cells - full.length()));
    int mark = (int) Math.ceil((double) cells * peak / total) - 1;
    if (mark >= full.length()) {
      rest.setCharAt(mark - full.length(), unicode ? '│' : '|');
    }
    return level(level, full.toString()) + dim(rest.toString());
  }

  /** Text of at most this many characters. */
  String cut(int width, String text) {
    if (text.length() <= width) {
      return text;
    }
    String sign = unicode ? "…" : "..";
    return text.substring(0, width - sign.length()) + sign;
  }

  /** Text of exactly this many characters. */
  String column(int width, String text) {
    String cut = cut(width, text);
    return cut + " ".repeat(width - cut.length());
  }

  String dot() {
    return unicode ? " · " : " | ";
  }

  String rule(int width) {
    return dim((unicode ? "─" : "-").repeat(width));
  }
}
