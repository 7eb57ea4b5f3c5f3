package io.cistern.misuse.peer;

import java.util.Locale;

/**
 * What an allocator made of a misuse.
 *
 * @param kind in short
 * @param detail the exception, the signal, or what was harmed
 */
record PeerOutcome(Kind kind, String detail) {
  /** From the best to the worst, and what cannot be said. */
  enum Kind {
    /** The call that commits it throws, and nobody is harmed. */
    THROWN,
    /** It is logged, or thrown at somebody later. */
    REPORTED,
    /** The process is ended by a signal. */
    ABORTED,
    /** Nobody notices, and nobody else was harmed that we could see. */
    NOT_SEEN,
    /** Another owner's memory was freed, damaged or read. */
    WRONG,
    /** It cannot be expressed there. */
    NOT_APPLICABLE
  }

  static final PeerOutcome NOT_APPLICABLE = new PeerOutcome(Kind.NOT_APPLICABLE, "");

  /** As the table says it. */
  String text() {
    String what = kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return switch (kind) {
      case THROWN -> "`" + detail + "`";
      case WRONG -> "**wrong**: " + detail;
      case NOT_APPLICABLE -> "–";
      default -> detail.isEmpty() ? what : what + ": " + detail;
    };
  }

  /** As a child process says it to its parent. */
  String line() {
    return kind + "\t" + detail;
  }

  static PeerOutcome parse(String line) {
    String[] parts = line.split("\t", -1);
    return new PeerOutcome(Kind.valueOf(parts[0]), parts[1]);
  }
}
