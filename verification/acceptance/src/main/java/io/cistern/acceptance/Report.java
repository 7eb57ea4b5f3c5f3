package io.cistern.acceptance;

import java.time.Duration;
import java.util.List;

/**
 * What a run of suites found.
 *
 * @param results one entry a check, in the order in which they ran
 * @param took how long the whole run took
 */
public record Report(List<Result> results, Duration took) {
  /** Copies the results. */
  public Report {
    results = List.copyOf(results);
  }

  /**
   * How many checks passed.
   *
   * @return a count
   */
  public long passed() {
    return results.stream().filter(Result::passed).count();
  }

  /**
   * How many checks failed.
   *
   * @return a count
   */
  public long failed() {
    return results.size() - passed();
  }

  /**
   * Whether there was something to check and all of it passed.
   *
   * @return false also for a run without a check
   */
  public boolean ok() {
    return !results.isEmpty() && failed() == 0;
  }
}
