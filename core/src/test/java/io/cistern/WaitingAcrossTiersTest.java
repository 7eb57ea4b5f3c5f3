package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A freed block goes to the longest waiter that can use it, whichever tier fits that waiter. */
@Timeout(20)
class WaitingAcrossTiersTest {
  private final MemoryPool pool = MemoryPool.builder().tier(64, 1).tier(128, 70).build();
  private final MemoryBlock small = pool.allocate(64);
  private final MemoryBlock large = pool.allocate(128);
  private final long[] rest = new long[69];

  WaitingAcrossTiersTest() {
    assertThat(pool.tryAllocateHandles(128, rest, 0, 69)).isEqualTo(69);
  }

  @AfterEach
  void everythingIsFreeAndInOrder() {
    pool.free(rest, 0, 69);
    MemoryPoolContract.assertInOrder(pool);
    pool.close();
  }

  private FutureTask<Long> waiter(long size) {
    int before = pool.stats().waiting();
    FutureTask<Long> waiter = Threads.start(Thread.ofPlatform(), () -> takesAndFrees(size));
    Threads.untilWaiting(pool, before + 1);
    return waiter;
  }

  /** Frees only when nobody waits any more, so that each block is handed over once. */
  private long takesAndFrees(long size) throws InterruptedException {
    MemoryBlock block = pool.allocate(size, Duration.ofSeconds(15));
    Threads.untilWaiting(pool, 0);
    block.close();
    return block.handle() >>> 32;
  }

  @Test
  void aLargeBlockGoesToTheOlderWaiterForALargeOne() throws Exception {
    FutureTask<Long> older = waiter(128);
    FutureTask<Long> younger = waiter(64);
    large.close();
    Threads.untilWaiting(pool, 1);
    small.close();
    assertThat(Threads.get(older)).isEqualTo(large.handle() >>> 32);
    assertThat(Threads.get(younger)).isEqualTo(small.handle() >>> 32);
    assertThat(pool.stats().spills()).isZero();
  }

  @Test
  void aLargeBlockGoesToTheOlderWaiterForASmallOne() throws Exception {
    FutureTask<Long> older = waiter(64);
    FutureTask<Long> younger = waiter(128);
    large.close();
    Threads.untilWaiting(pool, 1);
    pool.free(rest, 0, 1);
    assertThat(Threads.get(older)).isEqualTo(large.handle() >>> 32);
    assertThat(Threads.get(younger)).isNotEqualTo(small.handle() >>> 32);
    assertThat(pool.stats().spills()).isEqualTo(1);
    small.close();
  }

  @Test
  void aSmallBlockGoesToTheOnlyOneThatCanUseIt() throws Exception {
    FutureTask<Long> older = waiter(128);
    FutureTask<Long> younger = waiter(64);
    small.close();
    Threads.untilWaiting(pool, 1);
    large.close();
    assertThat(Threads.get(younger)).isEqualTo(small.handle() >>> 32);
    assertThat(Threads.get(older)).isEqualTo(large.handle() >>> 32);
  }
}
