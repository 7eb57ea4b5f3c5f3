package io.cistern.benchmarks.run;

import java.time.Duration;

/**
 * How long one fork measures. A round is one iteration, or for pairs one iteration of each size.
 *
 * @param warmupRounds rounds that do not count
 * @param rounds rounds that count
 * @param iteration how long an iteration is
 */
public record Effort(int warmupRounds, int rounds, Duration iteration) {
  private static final Effort PAIRS = new Effort(2, 5, Duration.ofMillis(200));
  private static final Effort LATENCIES = new Effort(2, 5, Duration.ofSeconds(1));
  private static final Effort OTHERS = new Effort(5, 10, Duration.ofMillis(200));

  /** A fork of a full run. */
  static Effort full(Cell cell) {
    return switch (cell.pattern()) {
      case PAIR, ARENA -> PAIRS;
      case LATENCY, ECHO -> LATENCIES; // iterations of the first have steps, not a time: a second
      default -> OTHERS;
    };
  }

  /** A fork of pairs that measures for a time. */
  static Effort lasting(Duration time, Cell cell) {
    int iterations = (PAIRS.warmupRounds + PAIRS.rounds) * cell.round();
    return new Effort(PAIRS.warmupRounds, PAIRS.rounds, time.dividedBy(iterations));
  }

  /** What a fork of a cell takes, apart from starting it. */
  Duration of(Cell cell) {
    return iteration.multipliedBy((long) (warmupRounds + rounds) * cell.round());
  }
}
