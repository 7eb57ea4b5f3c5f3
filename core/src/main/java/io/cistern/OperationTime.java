package io.cistern;

import io.cistern.internal.LatencyHistogram;

/** Sampled durations of one kind of operation. */
final class OperationTime {
  private final LatencyHistogram histogram = new LatencyHistogram();
  private volatile PoolStats.Timing last = new PoolStats.Timing(0, 0, 0, 0, 0);
  private int timedTick;

  /** When an operation begins that is to be timed: the first in a tick; 0 for the others. */
  long start(int tick) {
    if (tick == timedTick) {
      return 0;
    }
    timedTick = tick;
    return System.nanoTime();
  }

  /** Nothing for an operation that is not timed. */
  void recordSince(long startNanos) {
    if (startNanos != 0) {
      histogram.record(System.nanoTime() - startNanos);
    }
  }

  /** What it was at the last call, unless something was recorded since. */
  PoolStats.Timing timing() {
    PoolStats.Timing before = last;
    long samples = histogram.samples();
    if (before.samples() == samples) {
      return before;
    }
    PoolStats.Timing now =
        new PoolStats.Timing(
            samples,
            (double) histogram.total() / samples,
            histogram.quantile(0.5, samples),
            histogram.quantile(0.99, samples),
            histogram.max());
    last = now;
    return now;
  }
}
