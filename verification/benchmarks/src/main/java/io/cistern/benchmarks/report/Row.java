package io.cistern.benchmarks.report;

import io.cistern.benchmarks.pattern.Pattern;
import io.cistern.benchmarks.run.Cell;
import io.cistern.benchmarks.run.ForkResult;
import io.cistern.benchmarks.subject.Subject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * One line of a report.
 *
 * @param pattern what was done
 * @param threads by how many
 * @param subject with what
 * @param blocks of an exhausted pool; else 0
 * @param figure of a pair the geometric mean over the sizes; of latencies the 50th percentile
 * @param sizes of a pair, the figure of each size; else none
 * @param percentiles of latencies; else null
 */
public record Row(
    Pattern pattern,
    int threads,
    Subject subject,
    int blocks,
    Figure figure,
    SequencedMap<Integer, Figure> sizes,
    @Nullable Percentiles percentiles) {

  static Row of(Cell cell, List<ForkResult> forks) {
    SequencedMap<Integer, Figure> sizes = new LinkedHashMap<>();
    cell.sizes().forEach(size -> sizes.put(size, figure(forks, size)));
    List<Histogram> histograms = forks.stream().flatMap(fork -> fork.latencies().stream()).toList();
    Percentiles percentiles = histograms.isEmpty() ? null : Percentiles.of(histograms);
    Figure figure =
        percentiles != null && cell.pattern() == Pattern.LATENCY
            ? latency(percentiles, histograms, figure(forks, 0))
            : sizes.isEmpty() ? figure(forks, 0) : Figure.geometricMean(sizes.values());
    return new Row(
        cell.pattern(), cell.threads(), cell.subject(), cell.blocks(), figure, sizes, percentiles);
  }

  private static Figure figure(List<ForkResult> forks, int size) {
    return Figure.of(
        forks.stream()
            .map(fork -> fork.samples().stream().filter(sample -> sample.size() == size).toList())
            .toList());
  }

  private static Figure latency(Percentiles all, List<Histogram> forks, Figure measured) {
    double[] medians = forks.stream().mapToDouble(fork -> fork.getValueAtPercentile(50)).toArray();
    return new Figure(all.p50(), Figure.halfRange(medians), measured.bytesPerOp());
  }

  /** Whether two rows differ in their subject alone. */
  boolean isComparable(Row other) {
    return pattern == other.pattern && threads == other.threads && blocks == other.blocks;
  }
}
