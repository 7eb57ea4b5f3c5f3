package io.cistern.benchmarks.report;

import io.cistern.benchmarks.run.Sample;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A median and how sure it is. Of several forks, each counts with the median of its iterations: two
 * JVMs differ more from each other than two iterations of one.
 *
 * @param nsPerOp median over the forks, in nanoseconds; over the iterations if there was one fork
 * @param errorNs half the distance between the lowest and the highest of them
 * @param bytesPerOp median garbage on the Java heap, in bytes; NaN when it is not known
 */
public record Figure(double nsPerOp, double errorNs, double bytesPerOp) {
  /**
   * The figure of some forks.
   *
   * @param forks the iterations of each, at least one
   * @return their figure
   */
  static Figure of(List<List<Sample>> forks) {
    return new Figure(
        median(values(forks, Sample::nsPerOp)),
        halfRange(values(forks, Sample::nsPerOp)),
        median(values(forks, Sample::bytesPerOp)));
  }

  private static double[] values(List<List<Sample>> forks, ToDoubleFunction<Sample> value) {
    return forks.size() == 1
        ? forks.getFirst().stream().mapToDouble(value).toArray()
        : forks.stream()
            .mapToDouble(fork -> median(fork.stream().mapToDouble(value).toArray()))
            .toArray();
  }

  /**
   * The geometric mean of several figures, whose errors are taken to be independent; garbage is
   * averaged.
   *
   * @param figures at least one
   * @return their mean
   */
  static Figure geometricMean(Collection<Figure> figures) {
    double logs = 0;
    double squares = 0;
    double bytes = 0;
    for (Figure figure : figures) {
      logs += Math.log(figure.nsPerOp);
      squares += Math.pow(figure.errorNs / figure.nsPerOp, 2);
      bytes += figure.bytesPerOp;
    }
    double mean = Math.exp(logs / figures.size());
    double error = mean * Math.sqrt(squares) / figures.size();
    return new Figure(mean, error, bytes / figures.size());
  }

  static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  static double halfRange(double... values) {
    double lowest = Arrays.stream(values).min().orElse(0);
    double highest = Arrays.stream(values).max().orElse(0);
    return (highest - lowest) / 2;
  }
}
