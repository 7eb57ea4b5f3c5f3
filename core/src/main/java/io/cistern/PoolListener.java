package io.cistern;

import java.util.List;

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
   * A pool that is {@link CheckLevel#CHECKED} found memory written to by somebody who did not own
   * it.
   *
   * @param damage where, and who had to do with that memory
   */
  default void onDamage(Damage damage) {}

  /**
   * A pool that is {@link CheckLevel#CHECKED} found out that a {@link MemoryBlock} became
   * unreachable before it was closed. Its memory stays taken, since a segment of it may still be in
   * use.
   *
   * @param lost the block, and who allocated it
   */
  default void onLost(Lost lost) {}

  /**
   * A block was freed while it was pinned: the free is put off to the close of the last {@link
   * Pin}.
   *
   * @param free the block, and how many pins it has
   */
  default void onFreeDeferred(DeferredFree free) {}

  /**
   * A free that was put off.
   *
   * @param pool name of the pool
   * @param block what the block is called in messages
   * @param bytes that were asked for
   * @param pins that the block had
   */
  record DeferredFree(String pool, String block, long bytes, int pins) {}

  /**
   * A block whose owner was collected before he freed it.
   *
   * @param pool name of the pool
   * @param block what the block is called in messages
   * @param bytes that were asked for
   * @param allocated who allocated it, top frame first
   */
  record Lost(String pool, String block, long bytes, List<StackTraceElement> allocated) {
    /**
     * Immutable.
     *
     * @throws NullPointerException when the list is null
     */
    public Lost {
      allocated = List.copyOf(allocated);
    }

    /** One line, and where it was allocated. */
    @Override
    public String toString() {
      return "%s was never freed, and cannot be any more (%d B)%s"
          .formatted(block, bytes, Damage.at("; allocated by", allocated));
    }
  }

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
