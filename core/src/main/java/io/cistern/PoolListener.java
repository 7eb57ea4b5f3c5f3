package io.cistern;

import java.util.List;
import java.util.function.Supplier;

/**
 * Hears what happens on a pool's slow paths. Methods are called on the thread that caused the
 * event, after the pool's own work is done and outside its locks, so they may use the pool (an
 * allocation that fails calls {@link #onExhausted} again); they should return quickly. What a
 * listener throws is logged and goes no further. Events of different threads may arrive in any
 * order.
 *
 * <p>While threads wait for a block, what happens as they are served is told by whichever thread
 * served them.
 *
 * <p>A listener is given to the {@linkplain MemoryPool.Builder#listener builder}, or to {@link
 * MemoryPool#addListener} at any later time, and then costs the fast paths nothing.
 */
public interface PoolListener {
  /** What a listener may want to know of: one for each of its methods. */
  enum Kind {
    /** {@link #onExhausted}. */
    EXHAUSTED,
    /** {@link #onPressureChanged}. */
    PRESSURE,
    /** {@link #onViolation}. */
    VIOLATION,
    /** {@link #onDamage}. */
    DAMAGE,
    /** {@link #onLost}. */
    LOST,
    /** {@link #onFreeDeferred}. */
    FREE_DEFERRED,
    /** {@link #onSampled}. */
    SAMPLED,
    /** {@link #onSpilled}. */
    SPILLED,
    /** {@link #onFallback}. */
    FALLBACK,
    /** {@link #onGrown}. */
    GROWN,
    /** {@link #onTrimmed}. */
    TRIMMED
  }

  /**
   * Whether this listener wants to know of such events now. Asked before an event is put together,
   * from slow paths, perhaps often: so what is frequent costs next to nothing while nobody wants
   * it. Must be quick, and may change its mind at any time; an event of which it did not want to
   * know may still reach it, where another listener did.
   *
   * @param kind of event
   * @return true, unless overridden
   */
  default boolean hears(Kind kind) {
    return true;
  }

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
   * what the magazines hold. A listener that was {@linkplain MemoryPool#addListener added} to a
   * pool that was built without one is told within the first operations after a clock tick of 10
   * ms.
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
   * An allocation was sampled ({@link MemoryPool.Builder#leakSamples}), on the thread that made it;
   * in a pool that is {@link CheckLevel#CHECKED} every allocation is. What is allocated from here
   * in the same pool may be sampled in its turn.
   *
   * @param sampled the allocation
   */
  default void onSampled(Sampled sampled) {}

  /**
   * A larger tier served a request, since the fitting one had no free block. May be frequent.
   *
   * @param spilled which tiers
   */
  default void onSpilled(Spilled spilled) {}

  /**
   * A request was served with memory from outside of the pool.
   *
   * @param taken how much
   */
  default void onFallback(FallbackTaken taken) {}

  /**
   * The pool has a region more. Each is told once.
   *
   * @param change the region, and what there is now
   */
  default void onGrown(RegionChange change) {}

  /**
   * A region was given back while the pool is in use. Each is told once; closing the pool is not.
   *
   * @param change the region, and what there is now
   */
  default void onTrimmed(RegionChange change) {}

  /**
   * An allocation that was sampled.
   *
   * @param pool name of the pool
   * @param requestedBytes what was asked for
   * @param grantedBytes of the block: the tier's block size
   * @param label under which it was made, "" if none
   * @param thread name of the thread, or its number where it has none
   * @param weight how many allocations it stands for, about; 1 where all are sampled
   * @param stack gives the place, top frame first, at most 32 frames; made readable only when
   *     asked, which takes some ten microseconds
   */
  record Sampled(
      String pool,
      long requestedBytes,
      long grantedBytes,
      String label,
      String thread,
      double weight,
      Supplier<List<StackTraceElement>> stack) {}

  /**
   * A spill.
   *
   * @param pool name of the pool
   * @param requestedBytes what was asked for
   * @param wantedBlockSizeBytes block size of the tier that fits
   * @param takenBlockSizeBytes block size of the tier that served
   * @param label of who asked, "" if none
   */
  record Spilled(
      String pool,
      long requestedBytes,
      long wantedBlockSizeBytes,
      long takenBlockSizeBytes,
      String label) {}

  /**
   * Memory from outside of the pool.
   *
   * @param pool name of the pool
   * @param bytes of this piece, as asked for
   * @param liveBytes of all such pieces of this pool, this one included
   * @param limitBytes most that may be live, perhaps together with other pools
   * @param label of who asked, "" if none
   */
  record FallbackTaken(String pool, long bytes, long liveBytes, long limitBytes, String label) {}

  /**
   * A region that came or went.
   *
   * @param pool name of the pool
   * @param bytes of the region
   * @param regions that the pool has now
   * @param regionBytes of all of them
   */
  record RegionChange(String pool, long bytes, int regions, long regionBytes) {}

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
   * @param label of who asked, "" if none
   */
  record Exhaustion(
      String pool,
      long requestedBytes,
      long tierBlockSizeBytes,
      long largestFreeBytes,
      long freeBytes,
      long usedBytes,
      long limitBytes,
      String label) {
    /**
     * Of a request under no label.
     *
     * @param pool name of the pool
     * @param requestedBytes what was asked for
     * @param tierBlockSizeBytes block size of the tier that fits
     * @param largestFreeBytes size of the largest free block, 0 when there is none
     * @param freeBytes bytes in free blocks
     * @param usedBytes bytes in used blocks
     * @param limitBytes bytes in all blocks
     */
    public Exhaustion(
        String pool,
        long requestedBytes,
        long tierBlockSizeBytes,
        long largestFreeBytes,
        long freeBytes,
        long usedBytes,
        long limitBytes) {
      this(
          pool,
          requestedBytes,
          tierBlockSizeBytes,
          largestFreeBytes,
          freeBytes,
          usedBytes,
          limitBytes,
          "");
    }

    /** The same of a request under a label. */
    Exhaustion under(String label) {
      return label.isEmpty()
          ? this
          : new Exhaustion(
              pool,
              requestedBytes,
              tierBlockSizeBytes,
              largestFreeBytes,
              freeBytes,
              usedBytes,
              limitBytes,
              label);
    }
  }

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
