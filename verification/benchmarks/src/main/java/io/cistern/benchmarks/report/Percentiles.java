package io.cistern.benchmarks.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.HdrHistogram.Histogram;

/**
 * Where the times of single operations lie, in nanoseconds, within 0.1 %.
 *
 * @param p50 median
 * @param p90 90th percentile
 * @param p99 99th percentile
 * @param p999 99.9th percentile
 * @param p9999 99.99th percentile
 * @param max the slowest of all
 */
public record Percentiles(long p50, long p90, long p99, long p999, long p9999, long max) {
  static Percentiles of(List<Histogram> forks) {
    Histogram all = new Histogram(forks.getFirst());
    forks.forEach(all::add);
    return new Percentiles(
        all.getValueAtPercentile(50),
        all.getValueAtPercentile(90),
        all.getValueAtPercentile(99),
        all.getValueAtPercentile(99.9),
        all.getValueAtPercentile(99.99),
        all.getMaxValue());
  }

  /** The same by the names that people read. */
  SequencedMap<String, Long> byName() {
    SequencedMap<String, Long> named = new LinkedHashMap<>();
    named.put("p50", p50);
    named.put("p90", p90);
    named.put("p99", p99);
    named.put("p99.9", p999);
    named.put("p99.99", p9999);
    named.put("max", max);
    return named;
  }
}
