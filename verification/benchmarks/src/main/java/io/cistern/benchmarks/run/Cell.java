package io.cistern.benchmarks.run;

import io.cistern.benchmarks.pattern.Pattern;
import io.cistern.benchmarks.subject.Subject;
import java.util.List;

/**
 * One thing to measure; several forks of it make a figure.
 *
 * @param pattern what is done
 * @param subject with what
 * @param threads by how many
 * @param sizes of a pair or an arena's allocation, in bytes; else none
 * @param blocks of an exhausted pool; else 0
 */
public record Cell(Pattern pattern, Subject subject, int threads, List<Integer> sizes, int blocks) {
  /** Copies the sizes. */
  public Cell {
    sizes = List.copyOf(sizes);
  }

  /** A cell of a pattern that has neither sizes nor blocks. */
  static Cell of(Pattern pattern, Subject subject, int threads) {
    return new Cell(pattern, subject, threads, List.of(), 0);
  }

  /** A cell of a pattern that goes round sizes. */
  static Cell sized(Pattern pattern, Subject subject, int threads, List<Integer> sizes) {
    return new Cell(pattern, subject, threads, sizes, 0);
  }

  static Cell refused(Subject subject, int threads, int blocks) {
    return new Cell(Pattern.REFUSED, subject, threads, List.of(), blocks);
  }

  /** Iterations that cover every size once. */
  int round() {
    return Math.max(1, sizes.size());
  }

  /** For a person. */
  @Override
  public String toString() {
    return pattern.id()
        + (blocks == 0 ? "" : " of " + blocks + " blocks")
        + ", "
        + threads
        + (threads == 1 ? " thread, " : " threads, ")
        + subject.id();
  }
}
