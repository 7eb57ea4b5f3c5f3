package io.cistern.benchmarks.report;

import io.cistern.benchmarks.pattern.Pattern;
import io.cistern.benchmarks.subject.Subject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** A made-up report with one of everything. */
final class Reports {
  private Reports() {}

  static final Report ALL =
      new Report(
          List.of(
              pair(Subject.KAFKA, 40, 50),
              pair(Subject.MALLOC_FFM, 18, 9.3),
              pair(Subject.CISTERN_SHARED, 9, 9.12345),
              row(Pattern.BATCH, 2, Subject.CISTERN_BLOCK, 0, 32.5, 71.9996),
              row(Pattern.REFUSED, 1, Subject.CISTERN_SHARED, 1 << 20, 12, 0),
              row(Pattern.REFUSED, 1, Subject.CISTERN_SHARED, 64, 11, 0),
              new Row(
                  Pattern.LATENCY,
                  1,
                  Subject.ARROW,
                  0,
                  new Figure(151, 0.5, Double.NaN),
                  none(),
                  new Percentiles(151, 250, 1000, 20_000, 300_000, 4_000_000))));

  static Row pair(Subject subject, double small, double middle) {
    SequencedMap<Integer, Figure> sizes = new LinkedHashMap<>();
    sizes.put(64, new Figure(small, 0.1, 0));
    sizes.put(1024, new Figure(middle, 0.1, 0));
    return new Row(Pattern.PAIR, 1, subject, 0, Figure.geometricMean(sizes.values()), sizes, null);
  }

  static Row row(
      Pattern pattern, int threads, Subject subject, int blocks, double ns, double bytes) {
    return new Row(pattern, threads, subject, blocks, new Figure(ns, 0.25, bytes), none(), null);
  }

  private static SequencedMap<Integer, Figure> none() {
    return new LinkedHashMap<>();
  }
}
