package io.cistern;

/**
 * Hears what happens on a pool's slow paths. Methods are called on the thread that caused the
 * event, after the pool's own work is done and outside its locks, so they may use the pool (an
 * allocation that fails calls {@link #onExhausted} again); they should return quickly. What a
 * listener throws is logged and goes no further. Events of different threads may arrive in any
 * order.
 */
public interface PoolListener {
  /**
   * A request was refused because no block that it may take was free.
   *
   * @param exhaustion the figures at that moment
   */
  default void onExhausted(Exhaustion exhaustion) {}

  /**
   * A tier or the whole pool crossed a threshold. A level is left downwards only when use has
   * fallen 5 percent points below its threshold. A tier of up to 64 blocks reports the exact
   * operation; larger tiers look when a magazine is refilled or flushed, so they may report late by
   * what the magazines hold.
   *
   * @param change the crossing
   */
  default void onPressureChanged(PressureChange change) {}

  /**
   * A free was refused: the handle or block was not live, or not this pool's.
   *
   * @param violation what the caller is about to be thrown
   */
  default void onViolation(InvalidFreeException violation) {}

  /**
   * The figures of a refused request.
   *
   * @param pool name of the pool
   * @param requestedBytes what was asked for
   * @param tierBlockSizeBytes block size of the tier that fits
   * @param largestFreeBytes size of the largest free block, 0 when there is none
   * @param freeBytes bytes in free blocks
   * @param usedBytes bytes in used blocks
   * @param limitBytes bytes in all blocks
   */
  record Exhaustion(
      String pool,
      long requestedBytes,
      long tierBlockSizeBytes,
      long largestFreeBytes,
      long freeBytes,
      long usedBytes,
      long limitBytes) {}

  /**
   * A threshold that was crossed.
   *
   * @param pool name of the pool
   * @param tierBlockSizeBytes block size of the tier, 0 for the whole pool
   * @param from the level before
   * @param to the level now
   * @param usedBytes bytes in used blocks of that tier or pool
   * @param totalBytes bytes in all its blocks
   */
  record PressureChange(
      String pool,
      long tierBlockSizeBytes,
      PressureLevel from,
      PressureLevel to,
      long usedBytes,
      long totalBytes) {}
}
