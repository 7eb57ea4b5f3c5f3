package io.cistern.misuse;

import io.cistern.InvalidFreeException;

/**
 * What became of a misuse.
 *
 * @param seen when it was noticed
 * @param by what was thrown, then or at the end to somebody else: the reason of an {@link
 *     InvalidFreeException}, or the name of another exception's class; empty where nothing was
 */
record Outcome(Seen seen, String by) {
  static final Outcome NOT_SEEN = new Outcome(Seen.NOT_SEEN, "");
  static final Outcome AT_FREE = new Outcome(Seen.REPORTED_AT_FREE, "");
  static final Outcome AT_REUSE = new Outcome(Seen.REPORTED_AT_REUSE, "");
  static final Outcome REPORTED = new Outcome(Seen.REPORTED, "");

  /** Thrown by the call that commits it. */
  static Outcome thrown(String by) {
    return new Outcome(Seen.THROWN, by);
  }

  /** Thrown by the call that commits it. */
  static Outcome thrown(Throwable thrown) {
    return thrown(
        thrown instanceof InvalidFreeException refused
            ? refused.reason().name()
            : thrown.getClass().getSimpleName());
  }

  /** As the tables say it. */
  String text() {
    if (seen == Seen.THROWN) {
      return "`" + by + "`";
    }
    return by.isEmpty() ? seen.text() : seen.text() + ": `" + by + "`";
  }
}
