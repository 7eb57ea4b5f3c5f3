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
  /** A fork of a full run. */
  static final Effort FULL = new Effort(3, 5, Duration.ofMillis(250));

  /** One call of each benchmark in the JVM that asks, which measures nothing. */
  static final Effort SMOKE = new Effort(0, 1, Duration.ZERO);

  /** The same share of warm-up, in another time. */
  static Effort lasting(Duration fork, Cell cell) {
    int iterations = (QUICK_WARMUP + QUICK_ROUNDS) * cell.round();
    return new Effort(QUICK_WARMUP, QUICK_ROUNDS, fork.dividedBy(iterations));
  }

  private static final int QUICK_WARMUP = 2;
  private static final int QUICK_ROUNDS = 5;

  /** What a fork of a cell takes, apart from starting it. */
  Duration of(Cell cell) {
    return iteration.multipliedBy((long) (warmupRounds + rounds) * cell.round());
  }
}
