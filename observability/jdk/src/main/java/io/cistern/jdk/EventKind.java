package io.cistern.jdk;

import java.util.stream.Stream;

/** What beans notify of, and how often: the type of the notification says which. */
enum EventKind {
  /** A request was refused: storms of them are usual, one a second is told. */
  EXHAUSTED("exhausted", true),
  /** A level changed: told each time, since who misses one believes in the one before. */
  PRESSURE("pressure", false),
  /** A free was refused. */
  VIOLATION("violation", true),
  /** Memory was written to by somebody who did not own it. */
  DAMAGE("damage", true),
  /** The owner of a block was collected before he freed it. */
  LOST("lost", true),
  /** A pool took a region. */
  GROWN("grown", false),
  /** A pool gave a region back. */
  TRIMMED("trimmed", false);

  private final String word;
  private final boolean limited;

  EventKind(String word, boolean limited) {
    this.word = word;
    this.limited = limited;
  }

  /** The notification's type. */
  String type() {
    return "io.cistern." + word;
  }

  /** Whether only one a second is told. */
  boolean isLimited() {
    return limited;
  }

  static String[] types() {
    return Stream.of(values()).map(EventKind::type).toArray(String[]::new);
  }
}
