package io.cistern.mqtt;

import io.cistern.InvalidFreeException;
import io.cistern.ManagerPressure;
import io.cistern.PoolListener;
import io.cistern.PressureLevel;
import java.util.Arrays;
import java.util.List;

/**
 * What happened, as it was told. Making one costs next to nothing, since that is done by the thread
 * whose request was refused; words are found later, by the thread that sends.
 *
 * @param type the kind
 * @param timeMillis when, in milliseconds since 1970-01-01 UTC
 * @param pool its name; empty for all pools together
 * @param count of the same kind, pool and time that this one stands for
 * @param details what was told: a record, or an exception
 */
record Event(Type type, long timeMillis, String pool, long count, Object details) {
  private static final int FRAMES = 16;

  /** What can happen; the names in lower case are part of the format. */
  enum Type {
    EXHAUSTED,
    PRESSURE,
    VIOLATION,
    DAMAGE,
    LOST,
    DROPPED
  }

  /** How bad it is; the names in lower case are part of the format. */
  enum Severity {
    INFO,
    WARNING,
    ERROR
  }

  /**
   * Events that found the buffer full.
   *
   * @param fromSeq number of the first
   * @param toSeq number of the last
   */
  record Dropped(long fromSeq, long toSeq) {}

  /**
   * A free that was refused.
   *
   * @param reason what is wrong with it
   * @param stack who tried, top frame first
   */
  record Violation(InvalidFreeException.Reason reason, List<StackTraceElement> stack) {}

  static Event now(Type type, String pool, long count, Object details) {
    return new Event(type, System.currentTimeMillis(), pool, count, details);
  }

  /** Stands for those that the reader of the ring did not meet. */
  static Event dropped(long fromSeq, long toSeq) {
    return now(Type.DROPPED, "", toSeq - fromSeq + 1, new Dropped(fromSeq, toSeq));
  }

  Severity severity() {
    return switch (type) {
      case EXHAUSTED, VIOLATION, DAMAGE -> Severity.ERROR;
      case LOST, DROPPED -> Severity.WARNING;
      case PRESSURE -> ofLevel(((ManagerPressure) details).to());
    };
  }

  private static Severity ofLevel(PressureLevel level) {
    return switch (level) {
      case NORMAL -> Severity.INFO;
      case LOW -> Severity.WARNING;
      case CRITICAL -> Severity.ERROR;
    };
  }

  /** One line for people. */
  String message() {
    return switch (details) {
      case PoolListener.Exhaustion asked -> exhausted(asked);
      case ManagerPressure change -> change.message();
      case InvalidFreeException wrong -> "pool '%s': %s".formatted(pool, wrong.getMessage());
      case Dropped gone ->
          "%d events (%d to %d) found the buffer full and were dropped"
              .formatted(count, gone.fromSeq, gone.toSeq);
      default -> details.toString().lines().findFirst().orElse("");
    };
  }

  private static String exhausted(PoolListener.Exhaustion asked) {
    return "pool '%s' is exhausted: asked %d B, largest free block %d B, free %d B, used %d B, limit %d B"
        .formatted(
            asked.pool(),
            asked.requestedBytes(),
            asked.largestFreeBytes(),
            asked.freeBytes(),
            asked.usedBytes(),
            asked.limitBytes());
  }

  /** The record that stands in a payload. */
  Object shown() {
    return details instanceof InvalidFreeException wrong
        ? new Violation(wrong.reason(), Arrays.stream(wrong.getStackTrace()).limit(FRAMES).toList())
        : details;
  }
}
