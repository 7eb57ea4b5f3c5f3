package io.cistern.concurrency.stress;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * xmalloc-test: producers only allocate, consumers only free, through a queue of at most 100
 * batches. Batches are of 32 blocks instead of 4096, and the pool holds far fewer than 100 batches,
 * so that producers wait for blocks ({@code allocate} with a time-out) and every free is a
 * hand-over.
 *
 * <p>Budget: 8 s.
 */
class XmallocQueueTest {
  private static final int PAIRS = 3;
  private static final int BATCHES = Stress.times(10_000);
  private static final int BATCH = 32;
  private static final int QUEUED = 100;
  private static final int MAX_SIZE = 128;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Blocks that their consumer owns. */
  private record Batch(List<MemoryBlock> blocks, boolean last) {}

  private final BlockingQueue<Batch> queue = new ArrayBlockingQueue<>(QUEUED);

  @BeforeAll
  static void printSeed() {
    Stress.printSeed(XmallocQueueTest.class);
  }

  @Test
  void producersWaitForConsumersThroughMagazines() throws Exception {
    run(MemoryPool.builder().tier(MAX_SIZE, 10 * BATCH));
  }

  @Test
  void producersWaitForConsumersThroughFreeBits() throws Exception {
    run(MemoryPool.builder().tier(MAX_SIZE, BATCH + 16));
  }

  private void run(MemoryPool.Builder builder) throws Exception {
    try (StressedPool pool = new StressedPool(builder)) {
      Stress.together(
          2 * PAIRS,
          thread -> {
            if (thread % 2 == 0) {
              produce(pool, Stress.random(thread));
            } else {
              consume(pool);
            }
          });
      assertThat(queue).isEmpty();
      pool.assertWhole();
    }
  }

  /** A batch is sent when it is full or a block is not to be had at once: none is held back. */
  private void produce(StressedPool pool, SplittableRandom random) throws InterruptedException {
    List<MemoryBlock> blocks = new ArrayList<>();
    for (int i = 0; i < BATCHES * BATCH; i++) {
      long size = random.nextLong(1, MAX_SIZE + 1);
      MemoryBlock block = pool.pool.tryAllocate(size);
      if (block == null) {
        send(new Batch(blocks, false));
        blocks = new ArrayList<>();
        block = pool.pool.allocate(size, LIMIT);
      }
      pool.write(block.handle());
      blocks.add(block);
      if (blocks.size() == BATCH) {
        send(new Batch(blocks, false));
        blocks = new ArrayList<>();
      }
    }
    send(new Batch(blocks, true));
  }

  private void send(Batch batch) throws InterruptedException {
    assertThat(queue.offer(batch, LIMIT.toSeconds(), SECONDS)).isTrue();
  }

  /**
   * Each consumer ends with one producer, whichever: the last message of all is a producer's last.
   */
  private void consume(StressedPool pool) throws InterruptedException {
    boolean last = false;
    while (!last) {
      Batch batch = queue.poll(LIMIT.toSeconds(), SECONDS);
      assertThat(batch).as("a batch within %s", LIMIT).isNotNull();
      for (MemoryBlock block : batch.blocks) {
        pool.check(block.handle());
        block.close();
      }
      last = batch.last;
    }
  }
}
