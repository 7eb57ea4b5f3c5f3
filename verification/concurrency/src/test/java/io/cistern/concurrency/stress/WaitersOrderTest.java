package io.cistern.concurrency.stress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.Spill;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * First come, first served: waiters that came one after the other are handed blocks in that order,
 * each block to the longest waiter that can use it.
 *
 * <p>Budget: 3 s.
 */
class WaitersOrderTest {
  private static final int WAITERS = 12;
  private static final int SMALL = 64;
  private static final int LARGE = 256;
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** A waiter that was served. */
  private record Served(int waiter, MemoryBlock block) {}

  private final BlockingQueue<Served> served = new LinkedBlockingQueue<>();

  @ParameterizedTest
  @ValueSource(ints = {1, 20, 100})
  void oneTier(int blocks) throws Exception {
    try (StressedPool pool = new StressedPool(MemoryPool.builder().tier(SMALL, blocks))) {
      List<MemoryBlock> owned = allocateAll(pool.pool, SMALL);
      for (int waiter = 0; waiter < WAITERS; waiter++) {
        wait(pool.pool, waiter, SMALL);
      }
      MemoryBlock block = owned.removeLast();
      for (int waiter = 0; waiter < WAITERS; waiter++) {
        block.close();
        block = expect(waiter);
      }
      block.close();
      owned.forEach(MemoryBlock::close);
      pool.assertWhole();
    }
  }

  /** Those with even numbers can use either tier, the others the upper one alone. */
  @ParameterizedTest
  @ValueSource(ints = {2, 70})
  void twoTiers(int blocks) throws Exception {
    MemoryPool.Builder builder =
        MemoryPool.builder().tier(SMALL, blocks).tier(LARGE, blocks).spill(Spill.ANY);
    try (StressedPool pool = new StressedPool(builder)) {
      List<MemoryBlock> large = allocateAll(pool.pool, LARGE);
      List<MemoryBlock> small = allocateAll(pool.pool, SMALL);
      for (int waiter = 0; waiter < 4; waiter++) {
        wait(pool.pool, waiter, waiter % 2 == 0 ? SMALL : LARGE);
      }
      large.removeLast().close();
      MemoryBlock first = expect(0);
      small.removeLast().close();
      MemoryBlock third = expect(2);
      first.close();
      MemoryBlock second = expect(1);
      second.close();
      expect(3).close();
      third.close();
      large.forEach(MemoryBlock::close);
      small.forEach(MemoryBlock::close);
      pool.assertWhole();
    }
  }

  private static List<MemoryBlock> allocateAll(MemoryPool pool, int size) {
    List<MemoryBlock> blocks = new ArrayList<>();
    for (MemoryBlock block = pool.tryAllocate(size);
        block != null;
        block = pool.tryAllocate(size)) {
      blocks.add(block);
    }
    return blocks;
  }

  /** Starts a waiter and returns when it waits. */
  private void wait(MemoryPool pool, int waiter, int size) {
    int before = pool.stats().waiting();
    Thread.ofVirtual()
        .start(() -> {
          try {
            served.add(new Served(waiter, pool.allocate(size, LIMIT)));
          } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
          }
        });
    await("waiter " + waiter)
        .pollInterval(Duration.ofMillis(2))
        .until(() -> pool.stats().waiting() == before + 1);
  }

  /** The block of the next that is served, who must be this one, and the only one. */
  private MemoryBlock expect(int waiter) throws InterruptedException {
    Served next = served.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
    assertThat(next).as("waiter %d within %s", waiter, LIMIT).isNotNull();
    assertThat(next.waiter).isEqualTo(waiter);
    assertThat(served).isEmpty();
    return next.block;
  }
}
