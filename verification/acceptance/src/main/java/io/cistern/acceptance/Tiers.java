package io.cistern.acceptance;

import io.cistern.MemoryPool;
import io.cistern.PoolExhaustedException;
import io.cistern.PoolManager;
import io.cistern.PoolStats;
import io.cistern.config.Profile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Measures that several suites share: what the tiers of a pool are, which one serves a size, and
 * when they are empty.
 */
final class Tiers {
  private static final Pattern BYTES = Pattern.compile("(\\d+) B");

  private Tiers() {}

  /** One expected tier. */
  record Shape(long blockSizeBytes, int count) {}

  static Shape shape(long blockSizeBytes, int count) {
    return new Shape(blockSizeBytes, count);
  }

  /** The tier with blocks of this size. */
  static PoolStats.Tier tier(MemoryPool pool, long blockSizeBytes) {
    return pool.stats().tiers().stream()
        .filter(tier -> tier.blockSizeBytes() == blockSizeBytes)
        .findFirst()
        .orElseThrow(() ->
            new CheckFailedException(
                "pool '%s' has no tier of %d B".formatted(pool.name(), blockSizeBytes)));
  }

  /**
   * The pool has exactly these tiers, all blocks free and no history. Gives the bytes of its
   * blocks.
   */
  static double untouched(MemoryPool pool, Shape... shapes) {
    PoolStats stats = pool.stats();
    List<Shape> found =
        stats.tiers().stream().map(tier -> shape(tier.blockSizeBytes(), tier.total())).toList();
    Expect.equal("tiers of pool '" + pool.name() + "'", List.of(shapes), found);
    for (PoolStats.Tier tier : stats.tiers()) {
      String where = " of the " + tier.blockSizeBytes() + " B tier";
      Expect.equal("free blocks" + where, tier.total(), tier.free());
      Expect.equal("used blocks" + where, 0, tier.used());
      Expect.equal("peak" + where, 0, tier.peakUsed());
      Expect.equal("allocations" + where, 0, tier.allocations());
      Expect.equal("failed requests" + where, 0, tier.failed());
    }
    return stats.freeBytes();
  }

  /**
   * Asks for every size from 1 to the largest block: the smallest tier that fits serves it, with a
   * segment of exactly that length. Gives the number of sizes.
   */
  static double everySize(MemoryPool pool) {
    for (long size = 1; size <= pool.maxSize(); size++) {
      long handle = pool.allocateHandle(size);
      Expect.equal("block size that serves " + size + " B", fitting(pool, size), onlyUsed(pool));
      expectExact(pool.segment(handle), size);
      pool.free(handle);
    }
    return pool.maxSize();
  }

  /**
   * With all tiers empty, asks once for each size: refused, with the figures. Gives the number of
   * refusals.
   */
  static double refusedWhenEmpty(FreshPools pools, MemoryPool pool) {
    Held held = new Held(pool);
    pool.stats().tiers().reversed().forEach(tier -> held.take(tier.total(), tier.blockSizeBytes()));
    long limit = pool.stats().usedBytes();
    for (long size = 1; size <= pool.maxSize(); size++) {
      long asked = size;
      PoolExhaustedException refusal =
          Expect.refused(
              PoolExhaustedException.class,
              asked + " B from an empty pool",
              () -> pool.allocate(asked));
      Expect.contains("the refusal", String.valueOf(refusal.getMessage()), "asked " + size + " B");
      Expect.contains("the refusal", String.valueOf(refusal.getMessage()), "limit " + limit + " B");
    }
    Expect.equal(
        "refusals that the listener heard", pool.maxSize(), pools.events().exhaustions().size());
    double failed = pool.stats().failed();
    held.freeAll();
    return failed;
  }

  /**
   * The smallest budget under which the profile opens, all of which is taken then; with one byte
   * less it is refused with all numbers.
   */
  static double smallestBudget(FreshPools pools) {
    Profile profile = pools.profile();
    long needed = profile.neededBytes();
    IllegalArgumentException refusal =
        Expect.refused(
            IllegalArgumentException.class,
            "a budget of " + (needed - 1) + " B",
            () -> profile.withBudget(needed - 1).open().close());
    String message = String.valueOf(refusal.getMessage());
    Expect.contains("the refusal", message, "but the budget is " + (needed - 1) + " B");
    Expect.equal("sum of what the refusal says is needed", needed, sum(message));
    try (PoolManager opened = profile.withBudget(needed).open()) {
      Expect.equal("taken of the smallest budget", needed, opened.budgetUsedBytes());
      return opened.budgetUsedBytes();
    }
  }

  /** All numbers of bytes before the word "but". */
  private static long sum(String message) {
    return BYTES
        .matcher(message.substring(0, message.indexOf(" but ")))
        .results()
        .mapToLong(match -> Long.parseLong(match.group(1)))
        .sum();
  }

  private static long fitting(MemoryPool pool, long size) {
    return pool.stats().tiers().stream()
        .mapToLong(PoolStats.Tier::blockSizeBytes)
        .filter(blockSize -> blockSize >= size)
        .min()
        .orElseThrow();
  }

  private static long onlyUsed(MemoryPool pool) {
    PoolStats stats = pool.stats();
    Expect.equal("used blocks", 1, stats.used());
    return stats.usedBytes();
  }

  private static void expectExact(MemorySegment segment, long size) {
    Expect.equal("bytes of the segment for " + size + " B", size, segment.byteSize());
    segment.set(ValueLayout.JAVA_BYTE, size - 1, (byte) 1);
    Expect.refused(
        IndexOutOfBoundsException.class,
        "a write one byte behind " + size + " B",
        () -> segment.set(ValueLayout.JAVA_BYTE, size, (byte) 1));
  }
}
