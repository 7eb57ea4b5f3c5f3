package io.cistern.cli;

/** Text from another process, made safe for a terminal. */
final class Printable {
  private Printable() {}

  /** The text on one line: what would move the cursor or change colours becomes a question mark. */
  static String of(String text) {
    StringBuilder safe = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> c == '\t' ? ' ' : c)
        .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c)
        .forEach(safe::appendCodePoint);
    return safe.toString();
  }
}
