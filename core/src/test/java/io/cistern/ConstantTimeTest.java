package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Invariant 3: nothing is slow because the pool is large or full. 128 blocks are compared with a
 * million; whatever walks the blocks would be thousands of times slower, so a factor of 20 leaves
 * room for caches and a busy machine. Time budget: 5 seconds.
 */
@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConstantTimeTest {
  private static final int SMALL = 128;
  private static final int LARGE = 1 << 20;
  private static final int OPERATIONS = 20_000;

  private static void assertIndependentOfSize(ToLongFunction<MemoryPool> nanosOf) {
    long small = measure(SMALL, nanosOf);
    long large = measure(LARGE, nanosOf);
    assertThat((double) large / OPERATIONS)
        .as(
            "ns an operation with %d blocks, against %.1f with %d",
            LARGE, (double) small / OPERATIONS, SMALL)
        .isLessThan(20.0 * Math.max(small, OPERATIONS * 50L) / OPERATIONS);
  }

  private static long measure(int blocks, ToLongFunction<MemoryPool> nanosOf) {
    try (MemoryPool pool = MemoryPool.builder().tier(8, blocks).build()) {
      long[] rounds = new long[9];
      Arrays.setAll(rounds, round -> nanosOf.applyAsLong(pool));
      Arrays.sort(rounds);
      return rounds[rounds.length / 2];
    }
  }

  private static int takeAll(MemoryPool pool, long[] handles) {
    return pool.tryAllocateHandles(8, handles, 0, handles.length);
  }

  @Test
  void pairsInAnEmptyPool() {
    assertIndependentOfSize(ConstantTimeTest::pairs);
  }

  private static long pairs(MemoryPool pool) {
    long start = System.nanoTime();
    for (int i = 0; i < OPERATIONS; i++) {
      pool.free(pool.allocateHandle(8));
    }
    return System.nanoTime() - start;
  }

  @Test
  void pairsInAFullPool() {
    assertIndependentOfSize(pool -> {
      long[] all = new long[pool.stats().free()];
      takeAll(pool, all);
      pool.free(all, all.length / 2, 1);
      long nanos = pairs(pool);
      all[all.length / 2] = pool.allocateHandle(8);
      pool.free(all, 0, all.length);
      return nanos;
    });
  }

  @Test
  void refusals() {
    assertIndependentOfSize(pool -> {
      long[] all = new long[pool.stats().free()];
      takeAll(pool, all);
      long start = System.nanoTime();
      for (int i = 0; i < OPERATIONS; i++) {
        pool.free(pool.tryAllocateHandle(8));
      }
      long nanos = System.nanoTime() - start;
      pool.free(all, 0, all.length);
      return nanos;
    });
  }

  /** Each refusal follows a free somewhere, so that none can rest on the one before. */
  @Test
  void refusalsAfterFrees() {
    assertIndependentOfSize(pool -> {
      long[] all = new long[pool.stats().free()];
      takeAll(pool, all);
      long start = System.nanoTime();
      for (int i = 0; i < OPERATIONS; i++) {
        int at = i * 61 % all.length;
        pool.free(all[at]);
        all[at] = pool.allocateHandle(8);
        pool.free(pool.tryAllocateHandle(8));
      }
      long nanos = System.nanoTime() - start;
      pool.free(all, 0, all.length);
      return nanos;
    });
  }

  @Test
  void snapshots() {
    assertIndependentOfSize(pool -> {
      long start = System.nanoTime();
      for (int i = 0; i < OPERATIONS / 10; i++) {
        assertThat(pool.stats().used()).isZero();
      }
      return System.nanoTime() - start;
    });
  }
}
