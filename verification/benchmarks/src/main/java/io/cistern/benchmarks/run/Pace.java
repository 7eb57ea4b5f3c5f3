package io.cistern.benchmarks.run;

import java.time.Duration;

/**
 * Decides how long each fork may measure, and knows how long the rest will take. What a fork takes
 * beyond measuring, above all starting its JVM, is learnt on the way.
 */
final class Pace {
  private static final Duration FIRST_GUESS_OF_START = Duration.ofSeconds(1);
  private static final Duration SHORTEST = Duration.ofMillis(1500);
  private static final Duration LONGEST = Duration.ofSeconds(8);

  private final Duration limit;
  private Duration started = Duration.ZERO;
  private int forks;

  private Pace(Duration limit) {
    this.limit = limit;
  }

  /** Full effort, however long it takes. */
  static Pace full() {
    return new Pace(Duration.ZERO);
  }

  /** Such that all is done within a time, on a machine that is not overloaded. */
  static Pace within(Duration limit) {
    return new Pace(limit);
  }

  /** The effort of the next fork. */
  Effort next(Cell cell, int forksLeft, Duration elapsed) {
    if (limit.isZero()) {
      return Effort.full(cell);
    }
    Duration share = limit.minus(elapsed).dividedBy(forksLeft).minus(start());
    return Effort.lasting(clamp(share), cell);
  }

  private static Duration clamp(Duration share) {
    return share.compareTo(SHORTEST) < 0
        ? SHORTEST
        : share.compareTo(LONGEST) > 0 ? LONGEST : share;
  }

  /** A fork measured for a time and took a longer one. */
  void took(Duration measured, Duration whole) {
    started = started.plus(whole.minus(measured));
    forks++;
  }

  /** What a fork takes beyond measuring. */
  Duration start() {
    return forks == 0 ? FIRST_GUESS_OF_START : started.dividedBy(forks);
  }
}
