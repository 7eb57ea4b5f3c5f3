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

  /**
   * Percents times total, to be compared with used times 100: exact where a quotient would be
   * rounded.
   */
  private final double low;

  private final double critical;
  private final double hysteresis;
  private volatile PressureLevel level = PressureLevel.NORMAL;

  /** A change of level. */
  record Change(PressureLevel from, PressureLevel to) {}

  Pressure(double lowPercent, double criticalPercent, long total) {
    low = lowPercent * total;
    critical = criticalPercent * total;
    hysteresis = HYSTERESIS_PERCENT * total;
  }

  /** The level for an amount, given the level before. */
  private PressureLevel next(PressureLevel before, long usedBytes) {
    double used = 100.0 * usedBytes;
    if (used >= critical || (before == PressureLevel.CRITICAL && used > critical - hysteresis)) {
      return PressureLevel.CRITICAL;
    }
    if (used >= low || (before != PressureLevel.NORMAL && used > low - hysteresis)) {
      return PressureLevel.LOW;
    }
    return PressureLevel.NORMAL;
  }

  /** The level for an amount now, without moving to it. */
  PressureLevel peek(long used) {
    return next(level, used);
  }

  /** Moves to the level for an amount; the change if this call made it, else null. */
  @Nullable Change update(long used) {
    PressureLevel before = level;
    PressureLevel next = next(before, used);
    return next != before && LEVEL.compareAndSet(this, before, next)
        ? new Change(before, next)
        : null;
  }
}
