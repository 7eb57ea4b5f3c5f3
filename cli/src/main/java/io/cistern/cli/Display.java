package io.cistern.cli;

/**
 * Where a person watches a demo. Used by one thread, except {@link #notice}, which any thread may
 * call.
 */
interface Display extends AutoCloseable {
  /** Shows the state of this second. */
  void show(Sample sample);

  /** Shows a line that is not part of the figures: a warning. */
  void notice(String line);

  /** Leaves the terminal as it was found. */
  @Override
  void close();
}
