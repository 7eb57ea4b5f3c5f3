package io.cistern.micrometer;

import java.util.function.ToDoubleFunction;

/**
 * One value as a registry reads it, again and again. It remembers which round it has read last, so
 * that reading it once more asks for a later one ({@link Rounds}); the first round was taken to
 * find out which meters there are, and counts as read. Reading from several threads at once can
 * cost a snapshot more than needed, and is right all the same.
 *
 * @param <T> what has the value
 */
final class Reading<T> {
  private final Row<T> row;
  private final ToDoubleFunction<T> value;
  private volatile long seen = Rounds.FIRST;

  Reading(Row<T> row, ToDoubleFunction<T> value) {
    this.row = row;
    this.value = value;
  }

  /** The value now; not a number when the thing that had it is gone. */
  double value() {
    Round round = row.rounds().after(seen);
    seen = round.number();
    T thing = round.find(row);
    return thing == null ? Double.NaN : value.applyAsDouble(thing);
  }
}
