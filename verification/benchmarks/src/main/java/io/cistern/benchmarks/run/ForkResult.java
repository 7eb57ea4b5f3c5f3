package io.cistern.benchmarks.run;

import java.util.List;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/**
 * What one fork gave.
 *
 * @param samples one for each iteration that counts
 * @param latencies times in nanoseconds, if the pattern is about them
 */
public record ForkResult(List<Sample> samples, Optional<Histogram> latencies) {
  /** Copies the samples. */
  public ForkResult {
    samples = List.copyOf(samples);
  }
}
