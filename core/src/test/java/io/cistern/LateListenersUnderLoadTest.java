package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Listeners come and go while threads allocate: no event is lost, told twice, or too late. Budget:
 * 5 s.
 */
@Timeout(60)
class LateListenersUnderLoadTest {
  private static final int ROUNDS = 20_000;

  /** Counts, and says when it was called after it was told that it would not be. */
  private static final class Counter implements PoolListener {
    final LongAdder spills = new LongAdder();
    final LongAdder grown = new LongAdder();
    final LongAdder trimmed = new LongAdder();

    @Override
    public void onSpilled(Spilled spilled) {
      spills.increment();
    }

    @Override
    public void onGrown(RegionChange change) {
      grown.increment();
    }

    @Override
    public void onTrimmed(RegionChange change) {
      trimmed.increment();
    }
  }

  @Test
  void whoStaysHearsEverySpillOnceWhileOthersComeAndGo() throws Exception {
    MemoryPool pool = MemoryPool.builder().tier(64, 1).tier(256, 3).build();
    Counter stays = new Counter();
    pool.addListener(stays);
    AtomicBoolean over = new AtomicBoolean();
    Counter guest = new Counter();
    Threads.together(
        3,
        Thread.ofPlatform(),
        thread -> {
          if (thread == 0) {
            comeAndGo(pool, guest, over);
          } else {
            spill(pool, over, thread);
          }
        });
    assertThat(stays.spills.sum()).isEqualTo(pool.stats().spills()).isPositive();
    long heard = guest.spills.sum();
    assertThat(heard).isLessThanOrEqualTo(stays.spills.sum());
    pool.allocate(50).close();
    MemoryBlock first = pool.allocate(50);
    pool.allocate(50).close();
    first.close();
    assertThat(guest.spills.sum()).as("it has left").isEqualTo(heard);
    MemoryPoolContract.assertInOrder(pool);
    pool.close();
  }

  private static void comeAndGo(MemoryPool pool, Counter guest, AtomicBoolean over) {
    while (!over.get()) {
      pool.addListener(guest);
      pool.removeListener(guest);
    }
  }

  /** Two blocks at once, so that one of them is a larger one. */
  private static void spill(MemoryPool pool, AtomicBoolean over, int thread) {
    for (int round = 0; round < ROUNDS; round++) {
      MemoryBlock fitting = pool.allocate(50);
      pool.allocate(50).close();
      fitting.close();
    }
    over.set(over.get() || thread > 0);
  }

  @Test
  void eachRegionIsToldOnceHoweverManyThreadsWantIt() throws Exception {
    MemoryPool pool =
        MemoryPool.builder().tier(64, 2).regions(0, 8, Duration.ZERO).labels().build();
    Counter counter = new Counter();
    pool.addListener(counter);
    Threads.together(
        4,
        Thread.ofPlatform(),
        thread -> {
          for (int round = 0; round < 50; round++) {
            MemoryBlock[] blocks = new MemoryBlock[4];
            for (int i = 0; i < blocks.length; i++) {
              blocks[i] = pool.allocate(64, Duration.ofSeconds(10));
            }
            for (MemoryBlock block : blocks) {
              block.close();
            }
          }
        });
    Threads.until("all are given back", () -> pool.stats().regions().count() == 0);
    PoolStats.Regions regions = pool.stats().regions();
    Threads.until("the last is told", () -> counter.trimmed.sum() == regions.trimmed());
    assertThat(counter.grown.sum()).isEqualTo(regions.grown()).isPositive();
    assertThat(counter.trimmed.sum()).isEqualTo(regions.trimmed()).isEqualTo(regions.grown());
    MemoryPoolContract.assertInOrder(pool);
    pool.close();
  }
}
