package io.cistern.internal;

/**
 * When something that costs others a {@link Barrier} may be tried again: some time after it had to
 * be undone, the next time after twice as long, and so on up to 17 minutes. Written under its
 * user's lock.
 */
final class Backoff {
  private static final int LONGEST_TICKS = (int) (1_024_000 / CoarseClock.TICK_MILLIS);

  private volatile boolean begun;
  private volatile int endTick;
  private int ticks;

  /**
   * Not begun.
   *
   * @param firstMillis how long the first time
   */
  Backoff(long firstMillis) {
    this.ticks = (int) (firstMillis / CoarseClock.TICK_MILLIS);
  }

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
