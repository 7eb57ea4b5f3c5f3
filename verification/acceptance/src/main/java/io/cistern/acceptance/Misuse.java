package io.cistern.acceptance;

import static io.cistern.InvalidFreeException.Reason.DOUBLE_FREE;
import static io.cistern.InvalidFreeException.Reason.FOREIGN;
import static io.cistern.InvalidFreeException.Reason.INTERIOR;
import static io.cistern.InvalidFreeException.Reason.STALE;
import static io.cistern.InvalidFreeException.Reason.WRONG_SIZE;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolStats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Frees that must be refused, each with its reason and without any effect. Every measure gives the
 * number of frees that the pool counted as violations.
 */
final class Misuse {
  private Misuse() {}

  /**
   * In every tier, by handle and by block: freed twice, and freed late, when the block has another
   * owner. All other blocks of the tier are taken meanwhile, so that the next owner gets the very
   * same block.
   */
  static double doubleAndStaleFrees(MemoryPool pool) {
    for (PoolStats.Tier tier : pool.stats().tiers()) {
      Held others = new Held(pool);
      others.take(tier.total() - 1, tier.blockSizeBytes());
      byHandle(pool, tier.blockSizeBytes());
      byBlock(pool, tier.blockSizeBytes());
      others.freeAll();
    }
    return pool.stats().violations();
  }

  private static void byHandle(MemoryPool pool, long size) {
    long first = pool.allocateHandle(size);
    pool.free(first);
    Expect.invalid(DOUBLE_FREE, "a second free of a handle", () -> pool.free(first));
    long next = pool.allocateHandle(size);
    Expect.invalid(STALE, "a late free of a handle", () -> pool.free(first));
    Expect.that(pool.isLive(next), "a late free of a handle has freed the block's next owner");
    pool.free(next);
  }

  private static void byBlock(MemoryPool pool, long size) {
    MemoryBlock first = pool.allocate(size);
    first.close();
    Expect.invalid(DOUBLE_FREE, "a second close of a block", first::close);
    try (MemoryBlock next = pool.allocate(size)) {
      Expect.invalid(STALE, "a late close of a block", first::close);
      Expect.that(next.isLive(), "a late close of a block has freed its next owner");
    }
  }

  /** Memory and handles that other pools, the system and nobody gave. */
  static double foreignFrees(FreshPools pools, MemoryPool pool) {
    MemoryPool stranger = pools.open(MemoryPool.builder().name("stranger").tier(pool.maxSize(), 1));
    try (Arena elsewhere = Arena.ofConfined();
        MemoryBlock block = stranger.allocate(1)) {
      Expect.invalid(FOREIGN, "another pool's handle", () -> pool.free(block.handle()));
      Expect.invalid(FOREIGN, "another pool's memory", () -> pool.free(block.segment()));
      Expect.invalid(
          FOREIGN, "memory of the system", () -> pool.free(elsewhere.allocate(pool.maxSize())));
      Expect.invalid(
          FOREIGN, "memory of the Java heap", () -> pool.free(MemorySegment.ofArray(new byte[16])));
      Expect.invalid(FOREIGN, "a handle that nobody gave", () -> pool.free(-1L));
      Expect.that(block.isLive(), "a free of another pool's block has freed it");
    }
    return pool.stats().violations();
  }

  /** Every address inside a live block of each tier but its first. */
  static double interiorFrees(MemoryPool pool) {
    for (PoolStats.Tier tier : pool.stats().tiers()) {
      try (MemoryBlock block = pool.allocate(tier.blockSizeBytes())) {
        MemorySegment segment = block.segment();
        for (long at = 1; at < segment.byteSize(); at++) {
          MemorySegment inside = segment.asSlice(at);
          Expect.invalid(INTERIOR, "byte %d of a block".formatted(at), () -> pool.free(inside));
        }
        Expect.that(block.isLive(), "a free of an address inside a block has freed it");
      }
    }
    return pool.stats().violations();
  }

  /**
   * For every size: a free with one byte less or more is refused, one with the size itself is not.
   */
  static double wrongSizes(MemoryPool pool) {
    for (long size = 1; size <= pool.maxSize(); size++) {
      long asked = size;
      long handle = pool.allocateHandle(asked);
      Expect.invalid(
          WRONG_SIZE,
          "%d B freed as one less".formatted(asked),
          () -> pool.free(handle, asked - 1));
      Expect.invalid(
          WRONG_SIZE,
          "%d B freed as one more".formatted(asked),
          () -> pool.free(handle, asked + 1));
      Expect.that(pool.isLive(handle), "a free with a wrong size has freed the block");
      pool.free(handle, asked);
    }
    return pool.stats().violations();
  }

  /**
   * Sizes that no tier serves. Gives the number of requests counted as refused; none counts as
   * failed.
   */
  static double sizesOutOfRange(MemoryPool pool) {
    long largest = pool.maxSize();
    for (long size : new long[] {largest + 1, Long.MAX_VALUE, 0, -1, Long.MIN_VALUE}) {
      IllegalArgumentException refusal =
          Expect.refused(
              IllegalArgumentException.class,
              "a request of " + size + " B",
              () -> pool.allocate(size));
      Expect.contains("the refusal", String.valueOf(refusal.getMessage()), Long.toString(size));
      Expect.contains("the refusal", String.valueOf(refusal.getMessage()), Long.toString(largest));
    }
    Expect.equal("failed requests", 0, pool.stats().failed());
    return pool.stats().refused();
  }
}
