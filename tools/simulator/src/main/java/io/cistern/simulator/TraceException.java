package io.cistern.simulator;

/**
 * A trace was refused. The message has the form {@code file:line: what was found: what is allowed},
 * and nothing of the trace has been used.
 */
public final class TraceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The line that was refused. */
  private final long line;

  /**
   * A refusal.
   *
   * @param file as it was given
   * @param line from 1; 0 when the file as a whole is meant
   * @param found what is there
   * @param allowed what may be there
   */
  TraceException(String file, long line, String found, String allowed) {
    super((line == 0 ? file : file + ":" + line) + ": " + found + ": " + allowed);
    this.line = line;
  }

  /**
   * Where it is.
   *
   * @return a line of the file, from 1; 0 when the file as a whole is meant
   */
  public long line() {
    return line;
  }
}
