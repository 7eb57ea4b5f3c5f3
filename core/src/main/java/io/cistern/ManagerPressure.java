package io.cistern;

import java.util.Locale;
import java.util.Objects;

/**
 * One reading of a pool, or of the whole, that crossed a threshold, and what that did to the level.
 * The level is the highest of the levels of all readings, so {@code from} and {@code to} are equal
 * when another reading keeps it up: the crossing is told all the same.
 *
 * @param pool name of the pool; empty for the whole
 * @param from the level before
 * @param to the level now
 * @param cause the reading, and where it stands
 */
public record ManagerPressure(String pool, PressureLevel from, PressureLevel to, Cause cause) {
  /** Refuses null. */
  public ManagerPressure {
    Objects.requireNonNull(pool, "pool");
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(to, "to");
    Objects.requireNonNull(cause, "cause");
  }

  /**
   * Whether the level became CRITICAL by this crossing.
   *
   * @return false, too, when it had been CRITICAL before
   */
  public boolean turnsCritical() {
    return to == PressureLevel.CRITICAL && from != PressureLevel.CRITICAL;
  }

  /**
   * One line for the log.
   *
   * @return where, both levels, the reading with its value and its threshold
   */
  public String message() {
    return "%s: %s -> %s by %s"
        .formatted(pool.isEmpty() ? "all pools" : "pool '" + pool + "'", from, to, cause);
  }

  /** What is read. */
  public enum Reading {
    /** Used bytes, in percent of all. */
    USED,
    /** Bytes of the budget that are free. */
    FREE_BYTES,
    /** External fragmentation of a region of variable size, in percent. */
    FRAGMENTATION
  }

  /**
   * A reading that crossed a threshold.
   *
   * @param reading which one
   * @param from the level of this reading alone before
   * @param to the level of this reading alone now
   * @param value where it stands: percent, or bytes for {@link Reading#FREE_BYTES}
   * @param threshold of the higher of the two levels, in the same unit
   */
  public record Cause(
      Reading reading, PressureLevel from, PressureLevel to, double value, double threshold) {
    /**
     * Whether this reading became worse.
     *
     * @return false when it became better
     */
    public boolean isRaised() {
      return to.compareTo(from) > 0;
    }

    @Override
    public String toString() {
      return reading == Reading.FREE_BYTES
          ? String.format(Locale.ROOT, "free bytes %.0f, threshold %.0f", value, threshold)
          : String.format(
              Locale.ROOT,
              "%s %.1f %%, threshold %.1f %%",
              reading == Reading.USED ? "use of" : "fragmentation of",
              value,
              threshold);
    }
  }
}
