package io.cistern;

import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * Turns a used amount into a level, with hysteresis: upwards at a threshold, downwards only when
 * use has fallen 5 percent points below it. Each change is seen by one thread.
 */
final class Pressure {
  private static final double HYSTERESIS_PERCENT = 5;

  private static final AtomicReferenceFieldUpdater<Pressure, PressureLevel> LEVEL =
      AtomicReferenceFieldUpdater.newUpdater(Pressure.class, PressureLevel.class, "level");

  private volatile Limits limits;
  private volatile PressureLevel level = PressureLevel.NORMAL;

  /** A change of level. */
  record Change(PressureLevel from, PressureLevel to) {}

  Pressure(double lowPercent, double criticalPercent) {
    limits = new Limits(lowPercent, criticalPercent);
  }

  private record Limits(double low, double critical) {}

  /** From now on; the level follows with the next look. */
  void set(double lowPercent, double criticalPercent) {
    limits = new Limits(lowPercent, criticalPercent);
  }

  /**
   * The level for an amount, given the level before. Percents times the total are compared with the
   * amount times 100: exact where a quotient would be rounded.
   */
  private PressureLevel next(PressureLevel before, long usedBytes, long total) {
    double low = limits.low;
    double critical = limits.critical;
    double used = 100.0 * usedBytes;
    double hysteresis = HYSTERESIS_PERCENT * total;
    if (total == 0) {
      return PressureLevel.NORMAL;
    }
    if (used >= critical * total
        || (before == PressureLevel.CRITICAL && used > critical * total - hysteresis)) {
      return PressureLevel.CRITICAL;
    }
    if (used >= low * total
        || (before != PressureLevel.NORMAL && used > low * total - hysteresis)) {
      return PressureLevel.LOW;
    }
    return PressureLevel.NORMAL;
  }

  /** The level for an amount now, without moving to it. */
  PressureLevel peek(long used, long total) {
    return next(level, used, total);
  }

  /** Moves to the level for an amount; the change if this call made it, else null. */
  @Nullable Change update(long used, long total) {
    PressureLevel before = level;
    PressureLevel next = next(before, used, total);
    return next != before && LEVEL.compareAndSet(this, before, next)
        ? new Change(before, next)
        : null;
  }
}
