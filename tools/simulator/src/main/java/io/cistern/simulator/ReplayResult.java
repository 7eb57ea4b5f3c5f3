package io.cistern.simulator;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one trace went on one subject.
 *
 * @param trace its name
 * @param family that it belongs to
 * @param pool the subject's id
 * @param operations of the trace
 * @param nsPerOp nanoseconds an operation, of one thread, as the median of the rounds; null when
 *     nothing was timed
 * @param peakLiveBytes most bytes that are live at once in one replay, as asked for
 * @param minimumRegionBytes of {@code variable} the smallest region that completes the trace, of
 *     {@code tiers:…} the region that the profile has; null for peers, which have none, and where
 *     the trace did not complete
 * @param minimumPoolRatio that ÷ peakLiveBytes; null where that is
 * @param failures requests that were refused in the replays whose contents were checked, blocks
 *     that did not hold what was written, and what else is wrong with the memory
 * @param findings what failed, in words
 * @param timeline of one replay alone
 */
public record ReplayResult(
    String trace,
    String family,
    String pool,
    int operations,
    @Nullable Double nsPerOp,
    long peakLiveBytes,
    @Nullable Long minimumRegionBytes,
    @Nullable Double minimumPoolRatio,
    long failures,
    List<String> findings,
    Timeline timeline) {
  /** Copies the findings. */
  public ReplayResult {
    findings = List.copyOf(findings);
  }
}
