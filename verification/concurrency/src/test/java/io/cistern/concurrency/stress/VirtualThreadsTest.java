package io.cistern.concurrency.stress;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * 10,000 virtual threads at once, on as many carriers as there are cores, share a pool that has a
 * block for few of them: each waits for a block, waits for something else while it owns it, hands
 * it to another thread, and frees what another has handed over. None is stranded, nothing is lost,
 * and the pool grows no magazine for any of them.
 *
 * <p>Budget: 10 s.
 */
class VirtualThreadsTest {
  private static final int THREADS = 10_000;
  private static final int ROUNDS = Stress.times(10);
  private static final int GATE = 16;
  private static final Duration LIMIT = Duration.ofSeconds(100);

  private final Queue<MemoryBlock> handed = new ConcurrentLinkedQueue<>();

  /** Makes most threads leave their carriers while they own a block. */
  private final Semaphore gate = new Semaphore(GATE);

  @BeforeAll
  static void printSeed() {
    Stress.printSeed(VirtualThreadsTest.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {48, 512})
  void tenThousandAtOnce(int blocks) throws Exception {
    try (StressedPool pool = new StressedPool(MemoryPool.builder().tier(64, blocks))) {
      long metadata = pool.pool.stats().metadataBytes();
      CountDownLatch allThere = new CountDownLatch(THREADS);
      Stress.together(
          THREADS,
          Thread.ofVirtual().factory(),
          thread -> {
            allThere.countDown();
            allThere.await();
            for (int round = 0; round < ROUNDS; round++) {
              use(pool);
            }
          });
      assertThat(pool.pool.stats().metadataBytes())
          .as("bytes of metadata, magazines included")
          .isEqualTo(metadata);
      assertThat(pool.pool.stats().allocations()).isEqualTo((long) THREADS * ROUNDS);
      pool.assertWhole();
    }
  }

  @SuppressWarnings("ThreadPriorityCheck") // leaves the carrier to others
  private void use(StressedPool pool) throws InterruptedException {
    MemoryBlock block = pool.pool.allocate(64, LIMIT);
    gate.acquire();
    try {
      pool.write(block.handle());
      Thread.yield();
    } finally {
      gate.release();
    }
    handed.add(block);
    MemoryBlock another = handed.remove(); // as many were added as are removed, so there is one
    pool.check(another.handle());
    another.close();
  }
}
