package io.cistern.concurrency.stress;

import static io.cistern.MemoryPool.NO_HANDLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryPool;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Invariant 2 counted: there are as many permits as free blocks, and a thread takes a permit before
 * it asks for a block and gives it back after it has freed it. So whoever has a permit must be
 * served at once, whichever magazine the block sits in, and every refusal is a false one. Nearly
 * all blocks are owned, so the threads steal from each other all the time.
 *
 * <p>Two to four threads, with magazines of their own (platform threads) and with leased ones
 * (virtual threads). Seen to fail when other threads' magazines are not searched.
 *
 * <p>Budget: 12 s for 40 million tries.
 */
class CapacityPromiseTest {
  private static final int TRIES = Stress.times(5_000_000);
  private static final int SIZE = 32;

  @BeforeAll
  static void printSeed() {
    Stress.printSeed(CapacityPromiseTest.class);
  }

  @ParameterizedTest(name = "{0} threads, {1} of {2} blocks, virtual: {3}")
  @CsvSource({
    "2, 1, 65, false",
    "2, 2, 65, false",
    "3, 2, 65, false",
    "4, 3, 65, false",
    "3, 2, 65, true",
    "4, 3, 256, true",
    "2, 1, 1, false",
    "4, 3, 64, false",
  })
  void noFalseRefusal(int threads, int free, int blocks, boolean virtual) throws Exception {
    try (StressedPool pool = new StressedPool(MemoryPool.builder().tier(SIZE, blocks))) {
      long[] held = new long[blocks - free];
      assertThat(pool.pool.tryAllocateHandles(SIZE, held, 0, held.length)).isEqualTo(held.length);
      Semaphore permits = new Semaphore(free);
      AtomicLong refused = new AtomicLong();
      ThreadFactory kind = virtual ? Thread.ofVirtual().factory() : Thread.ofPlatform().factory();
      Stress.together(
          threads, kind, thread -> refused.addAndGet(refusals(pool, permits, TRIES / threads)));
      assertThat(refused).as("refusals while a block was free for the request").hasValue(0);
      pool.pool.free(held, 0, held.length);
      pool.assertWhole();
    }
  }

  @SuppressWarnings("ThreadPriorityCheck") // lets whoever has the permit run
  private static long refusals(StressedPool pool, Semaphore permits, int tries) {
    long refused = 0;
    for (int i = 0; i < tries; i++) {
      while (!permits.tryAcquire()) {
        Thread.yield();
      }
      long handle = pool.tryAllocate(SIZE);
      refused += handle == NO_HANDLE ? 1 : 0;
      pool.free(handle);
      permits.release();
    }
    return refused;
  }
}
