package io.cistern.simulator;

import java.time.Duration;

/**
 * How a replay is done.
 *
 * @param threads replays at once, in one memory
 * @param rounds that are timed; the median counts. 0 measures no times
 * @param roundTime how long a round takes at least: short traces are repeated in it
 * @param warmUp how long the trace is replayed before the first round; the first trace ten times as
 *     long
 */
public record ReplayOptions(int threads, int rounds, Duration roundTime, Duration warmUp) {
  /** The largest number of threads. */
  public static final int MAX_THREADS = 64;

  /** Checks the numbers. */
  public ReplayOptions {
    if (threads < 1 || threads > MAX_THREADS || rounds < 0) {
      throw new IllegalArgumentException(
          "%d threads and %d rounds: must be from 1 to %d threads and at least 0 rounds"
              .formatted(threads, rounds, MAX_THREADS));
    }
  }

  /**
   * What {@code cistern replay} does: seven rounds of 30 ms after 100 ms of warming up.
   *
   * @param threads replays at once
   * @return options
   */
  public static ReplayOptions measuring(int threads) {
    return new ReplayOptions(threads, 7, Duration.ofMillis(30), Duration.ofMillis(100));
  }

  /**
   * Checks contents and counts failures, and measures no times.
   *
   * @param threads replays at once
   * @return options
   */
  public static ReplayOptions checking(int threads) {
    return new ReplayOptions(threads, 0, Duration.ZERO, Duration.ZERO);
  }
}
