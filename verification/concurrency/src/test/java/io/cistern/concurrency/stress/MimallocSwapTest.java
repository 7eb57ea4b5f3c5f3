package io.cistern.concurrency.stress;

import static io.cistern.MemoryPool.NO_HANDLE;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * mimalloc's {@code test-stress}: 32 threads in each of 50 rounds allocate, keep some for long,
 * free at random, and swap blocks with each other through a shared table, so that most blocks are
 * freed by another thread than their allocator. Each round has new threads, which take over the
 * magazines of the dead ones.
 *
 * <p>Budget: 8 s.
 */
class MimallocSwapTest {
  private static final int THREADS = 32;
  private static final int ROUNDS = Stress.times(50);
  private static final int TRANSFERS = 200;
  private static final int ALLOCATIONS = 800;

  private final AtomicLongArray transfer = new AtomicLongArray(TRANSFERS);

  @BeforeAll
  static void printSeed() {
    Stress.printSeed(MimallocSwapTest.class);
  }

  @Test
  void blocksAreSwappedBetweenThreads() throws Exception {
    try (StressedPool pool = StressedPool.mixed()) {
      for (int round = 0; round < ROUNDS; round++) {
        int first = round * THREADS;
        Stress.together(THREADS, thread -> churn(pool, thread, Stress.random(first + thread)));
        freeSome(pool, Stress.random(-round));
      }
      for (int i = 0; i < TRANSFERS; i++) {
        pool.free(transfer.getAndSet(i, NO_HANDLE));
      }
      pool.assertWhole();
    }
  }

  private void churn(StressedPool pool, int thread, SplittableRandom random) {
    HandleBag kept = new HandleBag();
    HandleBag bag = new HandleBag();
    int allocations = ALLOCATIONS / 8 * (thread % 8 + 1);
    while (allocations > 0) {
      if (random.nextInt(2) == 0) {
        allocations--;
        (random.nextInt(10) == 0 ? kept : bag).add(pool.tryAllocate(size(random)));
      } else if (random.nextInt(3) < 2) {
        pool.free(bag.removeAny(random));
      }
      if (random.nextInt(4) == 0) {
        bag.add(transfer.getAndSet(random.nextInt(TRANSFERS), bag.removeAny(random)));
      }
    }
    bag.drain(pool::free);
    kept.drain(pool::free);
  }

  private void freeSome(StressedPool pool, SplittableRandom random) {
    for (int i = 0; i < TRANSFERS; i++) {
      if (random.nextBoolean()) {
        pool.free(transfer.getAndSet(i, NO_HANDLE));
      }
    }
  }

  /** Small ones more often. */
  private static int size(SplittableRandom random) {
    return 1 + random.nextInt(StressedPool.MAX_SIZE >> random.nextInt(7));
  }
}
