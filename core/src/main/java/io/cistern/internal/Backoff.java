package io.cistern.internal;

/**
 * When something that costs others a {@link Barrier} may be tried again: a second after it had to
 * be undone, the next time after two, and so on up to 17 minutes. Written under its user's lock.
 */
final class Backoff {
  private static final int FIRST_TICKS = (int) (1000 / CoarseClock.TICK_MILLIS);
  private static final int LONGEST_TICKS = FIRST_TICKS << 10;

  private volatile boolean begun;
  private volatile int endTick;
  private int ticks = FIRST_TICKS;

  /** Ticks wrap after 31 bits: what lies more than half of them ahead is past. */
  boolean isOver(int tick) {
    return !begun || ((tick - endTick) & Integer.MAX_VALUE) <= Integer.MAX_VALUE / 2;
  }

  void begin(int tick) {
    endTick = (tick + ticks) & Integer.MAX_VALUE;
    ticks = Math.min(2 * ticks, LONGEST_TICKS);
    begun = true;
  }

  /** Says that it is over, so that nobody has to compare ticks. */
  void end() {
    begun = false;
  }
}
