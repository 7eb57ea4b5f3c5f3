package io.cistern.simulator;

import java.util.List;

/**
 * How a replay went, in samples that are evenly spaced over its operations.
 *
 * @param samples in the order of time
 */
public record Timeline(List<Sample> samples) {
  /** Copies the samples. */
  public Timeline {
    samples = List.copyOf(samples);
  }

  /**
   * The state after an operation.
   *
   * @param operations that were done by then
   * @param liveBytes asked for and live
   * @param fragmentation from 0 to 1, as {@link Memory#fragmentation} defines it; NaN where nobody
   *     can tell
   */
  public record Sample(int operations, long liveBytes, double fragmentation) {}

  /**
   * Mean fragmentation over the operations.
   *
   * @return from 0 to 1; NaN where nobody can tell
   */
  public double meanFragmentation() {
    return samples.stream().mapToDouble(Sample::fragmentation).average().orElse(Double.NaN);
  }

  /**
   * The worst fragmentation of a sample.
   *
   * @return from 0 to 1; NaN where nobody can tell
   */
  public double worstFragmentation() {
    return samples.stream().mapToDouble(Sample::fragmentation).max().orElse(Double.NaN);
  }

  @Override
  public String toString() {
    return "a timeline of %d samples".formatted(samples.size());
  }
}
