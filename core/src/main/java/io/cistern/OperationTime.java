package io.cistern;

import io.cistern.internal.LatencyHistogram;

/** Sampled durations of one kind of operation. */
final class OperationTime {
  private final LatencyHistogram histogram = new LatencyHistogram();

  void recordSince(long startNanos) {
    histogram.record(System.nanoTime() - startNanos);
  }

  PoolStats.Timing timing() {
    long samples = histogram.samples();
    return new PoolStats.Timing(
        samples,
        samples == 0 ? 0 : (double) histogram.total() / samples,
        histogram.quantile(0.5, samples),
        histogram.quantile(0.99, samples),
        histogram.max());
  }
}
