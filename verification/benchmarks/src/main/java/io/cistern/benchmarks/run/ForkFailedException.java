package io.cistern.benchmarks.run;

import java.util.List;

/** A fork gave no figure: it did not start, died, or its pool was not sound afterwards. */
public final class ForkFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  private static final int LINES = 30;

  ForkFailedException(Cell cell, String output, Throwable cause) {
    super(cell + ": " + lastLines(output), cause);
  }

  private static String lastLines(String output) {
    List<String> lines = output.strip().lines().toList();
    int from = Math.max(0, lines.size() - LINES);
    return String.join("\n", lines.subList(from, lines.size()));
  }
}
