package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a pool of any size promises whatever its history, asked of the pool itself: after free(n) n
 * bytes can be allocated at the same alignment; the largest free piece that is reported can be
 * allocated; and no byte has two owners.
 *
 * <p>Ten million operations in all, a third of them by two threads at once; {@code
 * -Dcistern.variableOperations} makes it more. Time budget: 15 seconds.
 */
@Timeout(300)
class VariablePromisesTest {
  private static final long OPERATIONS = Long.getLong("cistern.variableOperations", 10_000_000);
  private static final int HISTORIES = 6;
  private static final long GRANULE = 8;
  private static final int SLOTS = 1_000;
  private static final long BYTES = 1 << 20;

  private final AtomicLongArray slots = new AtomicLongArray(SLOTS);
  private MemorySegment region = MemorySegment.NULL;

  @ParameterizedTest
  @CsvSource({"300, 8", "3000, 8", "100000, 8", "300, 64"})
  void oneThread(int largest, long alignment) {
    SplittableRandom random = Seed.random("promises, sizes to " + largest + " at " + alignment);
    try (MemoryPool pool = MemoryPool.builder().variable(BYTES).alignment(alignment).build()) {
      region = pool.region();
      for (long step = 0; step < OPERATIONS / HISTORIES; ) {
        step += step(pool, random, largest);
        if (step % 100_000 < 2) {
          assertPromises(pool, alignment);
        }
      }
      freeAll(pool);
    }
  }

  @Test
  void twoThreads() throws Exception {
    SplittableRandom seeds = Seed.random("promises, two threads");
    try (MemoryPool pool = MemoryPool.builder().variable(BYTES).build()) {
      region = pool.region();
      for (int round = 0; round < 4; round++) {
        SplittableRandom[] randoms = {seeds.split(), seeds.split()};
        Threads.together(
            2,
            Thread.ofPlatform(),
            thread -> {
              for (long step = 0; step < OPERATIONS / HISTORIES / 4; ) {
                step += step(pool, randoms[thread], 4_000);
              }
            });
        assertPromises(pool, GRANULE);
      }
      freeAll(pool);
    }
  }

  /** Frees what is in a slot or fills it; how many operations that were. */
  private int step(MemoryPool pool, SplittableRandom random, int largest) {
    int slot = random.nextInt(SLOTS);
    long handle = slots.getAndSet(slot, 0);
    if (handle != MemoryPool.NO_HANDLE) {
      check(pool, handle);
      pool.free(handle);
      return 1;
    }
    long size = 1 + random.nextLong(1 + random.nextLong(largest));
    long taken = pool.tryAllocateHandle(size);
    if (taken != MemoryPool.NO_HANDLE) {
      mark(pool, taken);
      long other = slots.getAndSet(slot, taken);
      if (other != MemoryPool.NO_HANDLE) {
        check(pool, other);
        pool.free(other);
        return 2;
      }
    }
    return 1;
  }

  /** Marks both ends: an overlap would begin or end with one. */
  private void mark(MemoryPool pool, long handle) {
    long offset = pool.offset(handle);
    long last = pool.byteSize(handle) - 1;
    region.set(ValueLayout.JAVA_BYTE, offset + last, (byte) handle);
    region.set(ValueLayout.JAVA_BYTE, offset, (byte) (handle >>> 32));
  }

  private void check(MemoryPool pool, long handle) {
    long offset = pool.offset(handle);
    long last = pool.byteSize(handle) - 1;
    byte first = region.get(ValueLayout.JAVA_BYTE, offset);
    byte end = region.get(ValueLayout.JAVA_BYTE, offset + last);
    if (first != (byte) (handle >>> 32) || (last > 0 && end != (byte) handle)) {
      throw new AssertionError(
          "block 0x%016x of %d B at %d has ends 0x%02x and 0x%02x"
              .formatted(handle, last + 1, offset, first, end));
    }
  }

  /**
   * Both promises, the first for every live block; the largest free piece can be allocated where no
   * alignment above a granule is asked for.
   */
  private void assertPromises(MemoryPool pool, long alignment) {
    pool.verify().orThrow();
    PoolStats.Variable before = Objects.requireNonNull(pool.stats().variable());
    assertThat(before.reachabilityGapBytes()).isZero();
    if (before.largestFreeBytes() > 0 && alignment <= GRANULE) {
      pool.free(pool.allocateHandle(before.largestFreeBytes()));
    }
    for (int slot = 0; slot < SLOTS; slot++) {
      long handle = slots.get(slot);
      if (handle != MemoryPool.NO_HANDLE) {
        long size = pool.byteSize(handle);
        pool.free(handle);
        slots.set(slot, pool.allocateHandle(size));
        mark(pool, slots.get(slot));
      }
    }
    assertThat(Objects.requireNonNull(pool.stats().variable()).usedBytes())
        .isEqualTo(before.usedBytes());
    pool.verify().orThrow();
  }

  private void freeAll(MemoryPool pool) {
    for (int slot = 0; slot < SLOTS; slot++) {
      pool.free(slots.getAndSet(slot, MemoryPool.NO_HANDLE));
    }
    MemoryPoolContract.assertInOrder(pool);
  }

  /** Over every size of a small region, next to blocks that stay. */
  @Test
  void everySizeOfASmallRegion() {
    int bytes = 512;
    try (MemoryPool pool = MemoryPool.builder().variable(bytes).build()) {
      for (long kept = 1; kept < bytes; kept += 8) {
        long stays = pool.allocateHandle(kept);
        long most = Objects.requireNonNull(pool.stats().variable()).largestAllocatableBytes();
        for (long size = 1; size <= most; size++) {
          long handle = pool.allocateHandle(size);
          long largest = Objects.requireNonNull(pool.stats().variable()).largestFreeBytes();
          if (largest > 0) {
            pool.free(pool.allocateHandle(largest));
            assertThat(largest == bytes || pool.tryAllocateHandle(largest + 1) == 0).isTrue();
          }
          pool.free(handle);
          handle = pool.allocateHandle(size);
          pool.free(handle);
        }
        pool.free(stays);
      }
      MemoryPoolContract.assertInOrder(pool);
    }
  }
}
