package io.cistern.concurrency.stress;

import static io.cistern.MemoryPool.NO_HANDLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryPool;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A search for a free block passes by the magazine of one thread, which then frees a block, and
 * comes to the magazine of a third when that has just claimed the last block there: it has seen no
 * free block although there was one at every moment, and must not refuse.
 *
 * <p>So that it has far to go between the two, magazines full of stale hints lie between them:
 * their threads freed many blocks, which the pool has handed out again since. Permits say when a
 * request must be served, as in {@link CapacityPromiseTest}.
 *
 * <p>Budget: 6 s.
 */
class PassedBySearchTest {
  private static final int TRIES = Stress.times(1_500_000);
  private static final int SIZE = CapacityPromiseTest.SIZE;
  private static final int BLOCKS = 2048;
  private static final int STALE = 64;
  private static final int FREE = 2;

  /** Threads that get their magazines one after the other: a mover, four idle ones, two movers. */
  private static final int THREADS = 7;

  private final long[] held = new long[BLOCKS];
  private final AtomicLong refused = new AtomicLong();
  private final CountDownLatch moved = new CountDownLatch(3);
  private final Semaphore permits = new Semaphore(FREE);

  /** Whose turn it is to get a magazine, and then that all have begun. */
  private final Phaser turns = new Phaser(THREADS);

  @BeforeAll
  static void printSeed() {
    Stress.printSeed(PassedBySearchTest.class);
  }

  @Test
  void noFalseRefusal() throws Exception {
    try (StressedPool pool = new StressedPool(MemoryPool.builder().tier(SIZE, BLOCKS))) {
      Stress.together(THREADS, thread -> takePart(pool, thread));
      assertThat(refused).as("refusals while a block was free for the request").hasValue(0);
      pool.pool.free(held, 0, held.length);
      pool.assertWhole();
    }
  }

  private void takePart(StressedPool pool, int thread) throws InterruptedException {
    boolean idle = thread > 0 && thread < THREADS - 2;
    for (int turn = 0; turn < THREADS; turn++) {
      if (turn == thread) {
        fillMagazine(pool, idle ? STALE : 1);
      }
      turns.arriveAndAwaitAdvance();
    }
    if (thread == THREADS - 1) {
      holdAllButTheLast(pool);
    }
    turns.arriveAndAwaitAdvance();
    if (idle) {
      moved.await(); // a dead thread's magazine would be taken over
    } else {
      refused.addAndGet(CapacityPromiseTest.refusals(pool, permits, TRIES));
      moved.countDown();
    }
  }

  private static void fillMagazine(StressedPool pool, int blocks) {
    long[] handles = new long[blocks];
    assertThat(pool.pool.tryAllocateHandles(SIZE, handles, 0, blocks)).isEqualTo(blocks);
    pool.pool.free(handles, 0, blocks);
  }

  private void holdAllButTheLast(StressedPool pool) {
    assertThat(pool.pool.tryAllocateHandles(SIZE, held, 0, BLOCKS)).isEqualTo(BLOCKS);
    pool.pool.free(held, 0, FREE);
    assertThat(Arrays.stream(held).filter(handle -> handle == NO_HANDLE).count()).isEqualTo(FREE);
  }
}
