package io.cistern.concurrency.stress;

import static io.cistern.MemoryPool.NO_HANDLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryPool;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Refusals that are right, in a row with allocations that must succeed: one thread alone allocates,
 * again and again, also when it knows that nothing is free; others free what it got and count each
 * free once it has returned. When more frees have been counted than blocks were taken since, the
 * next request must be served, however many were refused just before.
 *
 * <p>Seen to fail when a search remembers more releases than it began with.
 *
 * <p>Budget: 5 s.
 */
class RefusalTest {
  private static final int BLOCKS_TAKEN = Stress.times(150_000);
  private static final int SIZE = 32;
  private static final int SLOTS = 8;
  private static final int PATIENCE = 32;

  /** Handles on their way from the allocator to a thread that frees. */
  private final AtomicLongArray slots = new AtomicLongArray(SLOTS);

  private final AtomicLong freed = new AtomicLong();
  private volatile boolean done;

  @BeforeAll
  static void printSeed() {
    Stress.printSeed(RefusalTest.class);
  }

  @ParameterizedTest(name = "{0} threads that free, {1} of {2} blocks")
  @CsvSource({"1, 1, 65", "2, 2, 65", "3, 4, 128", "1, 1, 1", "3, 4, 4"})
  void servedAsSoonAsAFreeHasReturned(int freers, int free, int blocks) throws Exception {
    try (StressedPool pool = new StressedPool(MemoryPool.builder().tier(SIZE, blocks))) {
      long[] held = new long[blocks - free];
      assertThat(pool.pool.tryAllocateHandles(SIZE, held, 0, held.length)).isEqualTo(held.length);
      Stress.together(
          freers + 1,
          thread -> {
            if (thread == 0) {
              allocate(pool, free);
            } else {
              freeAll(pool);
            }
          });
      pool.pool.free(held, 0, held.length);
      pool.assertWhole();
    }
  }

  @SuppressWarnings("ThreadPriorityCheck") // lets the others run, which free
  private void allocate(StressedPool pool, int free) {
    long refused = 0;
    int slot = 0;
    for (long taken = 0; taken < BLOCKS_TAKEN; ) {
      boolean mustSucceed = freed.get() + free > taken;
      long handle = pool.tryAllocate(SIZE);
      if (handle != NO_HANDLE) {
        taken++;
        while (!slots.compareAndSet(slot, NO_HANDLE, handle)) {
          slot = (slot + 1) % SLOTS;
        }
      } else if (mustSucceed) {
        throw new AssertionError(
            "refused after %d allocations and %d frees of %d blocks"
                .formatted(taken, freed.get(), free));
      } else if (++refused % PATIENCE == 0) {
        Thread.yield();
      }
    }
    done = true;
    assertThat(refused).as("requests that were refused rightly").isPositive();
  }

  @SuppressWarnings("ThreadPriorityCheck") // lets the others run, when there is nothing to free
  private void freeAll(StressedPool pool) {
    boolean last = false;
    while (!last) {
      last = done; // read before the slots: what was put there before is freed
      boolean found = false;
      for (int slot = 0; slot < SLOTS; slot++) {
        found |= free(pool, slots.get(slot) == NO_HANDLE ? 0 : slots.getAndSet(slot, NO_HANDLE));
      }
      if (!found) {
        Thread.yield();
      }
    }
  }

  private boolean free(StressedPool pool, long handle) {
    if (handle == NO_HANDLE) {
      return false;
    }
    pool.free(handle);
    freed.incrementAndGet();
    return true;
  }
}
