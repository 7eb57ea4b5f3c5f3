package io.cistern.cli;

import io.cistern.simulator.ReplayResult;
import org.jspecify.annotations.Nullable;

/**
 * One entry of the report of {@code cistern replay}; docs/replay.md says what the fields mean.
 *
 * @param trace name of the file
 * @param pool what it was replayed on
 * @param operations of the trace
 * @param nsPerOp nanoseconds an operation
 * @param peakLiveBytes most bytes live at once
 * @param minimumRegionBytes smallest region that completes
 * @param minimumPoolRatio that ÷ the peak
 * @param failures of all kinds
 */
record ReplayRow(
    String trace,
    String pool,
    int operations,
    @Nullable Double nsPerOp,
    long peakLiveBytes,
    @Nullable Long minimumRegionBytes,
    @Nullable Double minimumPoolRatio,
    long failures) {

  static ReplayRow of(ReplayResult result) {
    return new ReplayRow(
        result.trace(),
        result.pool(),
        result.operations(),
        rounded(result.nsPerOp(), 1e3),
        result.peakLiveBytes(),
        result.minimumRegionBytes(),
        rounded(result.minimumPoolRatio(), 1e6),
        result.failures());
  }

  private static @Nullable Double rounded(@Nullable Double value, double steps) {
    return value == null ? null : (Double) (Math.round(value * steps) / steps);
  }
}
