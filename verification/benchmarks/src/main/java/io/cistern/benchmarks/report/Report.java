package io.cistern.benchmarks.report;

import io.cistern.benchmarks.pattern.Pattern;
import io.cistern.benchmarks.run.Cell;
import io.cistern.benchmarks.run.ForkResult;
import io.cistern.benchmarks.subject.Subject;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * All figures of one run. Ratios are taken inside it alone: below 1 is faster than what it is
 * compared with.
 *
 * @param rows by pattern, threads, and our own before the peers
 */
public record Report(List<Row> rows) {
  /** Copies and sorts the rows. */
  public Report {
    rows =
        rows.stream()
            .sorted(
                Comparator.comparing(Row::pattern)
                    .thenComparingInt(Row::threads)
                    .thenComparingInt(Row::blocks)
                    .thenComparing(Row::subject))
            .toList();
  }

  /**
   * The report of a run.
   *
   * @param results of each cell, at least one fork
   * @return its figures
   */
  public static Report of(Map<Cell, List<ForkResult>> results) {
    return new Report(
        results.entrySet().stream()
            .map(measured -> Row.of(measured.getKey(), measured.getValue()))
            .toList());
  }

  /** Patterns that were measured. */
  List<Pattern> patterns() {
    return Arrays.stream(Pattern.values()).filter(pattern -> !rowsOf(pattern).isEmpty()).toList();
  }

  List<Row> rowsOf(Pattern pattern) {
    return rows.stream().filter(row -> row.pattern() == pattern).toList();
  }

  /** How a row compares with malloc; nothing when malloc was not measured with it. */
  OptionalDouble ratioToMalloc(Row row) {
    return ratio(row, comparable(row).filter(other -> other.subject() == Subject.MALLOC_FFM));
  }

  /** How a row compares with the fastest peer; nothing when none was measured with it. */
  OptionalDouble ratioToBestPeer(Row row) {
    return ratio(row, comparable(row).filter(other -> other.subject().isPeer()));
  }

  private Stream<Row> comparable(Row row) {
    return rows.stream().filter(row::isComparable);
  }

  private static OptionalDouble ratio(Row row, Stream<Row> others) {
    OptionalDouble best = others.mapToDouble(other -> other.figure().nsPerOp()).min();
    return best.isPresent()
        ? OptionalDouble.of(row.figure().nsPerOp() / best.getAsDouble())
        : OptionalDouble.empty();
  }
}
