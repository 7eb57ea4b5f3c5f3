package io.cistern.arrow;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.Spill;
import java.lang.ref.Cleaner;
import java.time.Duration;

/**
 * The pools of a factory that was given none, under one budget:
 *
 * <pre>
 * up to 64 KiB ──► tiers, powers of two as Arrow rounds sizes, 11 MiB for good
 *   the rest   ──► blocks of any size in one region, then more regions, up to half of the budget
 *   more still ──► fallback memory, a piece for each, up to the other half
 * </pre>
 *
 * The tiers do not grow, which keeps them ungoverned: their pair of allocate and free costs a
 * fraction of that of a pool that grows. What they cannot hold goes the way of large requests.
 */
final class OwnPools {
  static final long LEAST_BUDGET = 32 << 20;
  static final String TIERS = "arrow-tiers";
  static final String ANY_SIZE = "arrow-any-size";

  /** Cache lines, and what Arrow recommends. */
  static final int ALIGNMENT = 64;

  static final long SMALLEST_TIER = 64;
  static final long LARGEST_TIER = 64 << 10;
  private static final long TIER_BYTES = 512 << 10;

  /** A tier of more than 64 blocks has magazines, and so is fastest. */
  private static final int LEAST_BLOCKS = 72;

  private static final int MOST_BLOCKS = 1024;

  private static final long LEAST_REGION = 4 << 20;
  private static final long MOST_REGION = 128 << 20;
  private static final int REGIONS_OF_A_BUDGET = 32;

  /** A process can tell 255 regions apart. */
  private static final int MOST_REGIONS = 100;

  private static final Duration IDLE = Duration.ofSeconds(30);

  private static final Cleaner CLEANER = Cleaner.create();

  final PoolManager manager;

  /**
   * Opens them; only the tiers take memory at once.
   *
   * @throws IllegalArgumentException when the budget is less than {@link #LEAST_BUDGET}
   */
  OwnPools(long budgetBytes) {
    if (budgetBytes < LEAST_BUDGET) {
      throw new IllegalArgumentException(
          "budget of %d B: at least %d B are needed".formatted(budgetBytes, LEAST_BUDGET));
    }
    manager =
        PoolManager.builder()
            .budgetBytes(budgetBytes)
            .pool(TIERS, tiers())
            .pool(ANY_SIZE, anySize(budgetBytes))
            .build();
  }

  /** As much as the Java heap may have: what the JDK, too, lets direct buffers have. */
  static long defaultBudget() {
    return Math.max(LEAST_BUDGET, Runtime.getRuntime().maxMemory());
  }

  private static MemoryPool.Builder tiers() {
    MemoryPool.Builder tiers = MemoryPool.builder().alignment(ALIGNMENT).spill(Spill.OFF);
    for (long size = SMALLEST_TIER; size <= LARGEST_TIER; size *= 2) {
      tiers.tier(size, (int) (tierBytes(size) / size));
    }
    return tiers;
  }

  /** Bytes of the tier of a block size. */
  static long tierBytes(long blockSize) {
    return blockSize * Math.clamp(TIER_BYTES / blockSize, LEAST_BLOCKS, MOST_BLOCKS);
  }

  private static MemoryPool.Builder anySize(long budgetBytes) {
    long half = budgetBytes / 2;
    long region = Math.clamp(budgetBytes / REGIONS_OF_A_BUDGET, LEAST_REGION, MOST_REGION);
    return MemoryPool.builder()
        .alignment(ALIGNMENT)
        .variable(region)
        .regions(0, Math.clamp(half / region, 1, MOST_REGIONS), IDLE)
        .fallback(half);
  }

  /**
   * Closes the pools when an object that used them is collected. Where blocks are live the pools
   * refuse, and stay: these were leaked, and somebody may still know their addresses.
   */
  void closeAfter(Object user) {
    CLEANER.register(user, manager::close);
  }
}
