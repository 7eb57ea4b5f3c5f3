package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.internal.Peek;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Which calls take no lock: another thread holds every lock of the pool meanwhile. Were one needed,
 * the test would run into its time-out.
 */
@Timeout(10)
class LocksTest {
  private final MemoryPool pool = MemoryPool.builder().tier(64, 8).tier(128, 200).build();
  private final List<MemoryBlock> live = List.of(pool.allocate(64), pool.allocate(128));
  private final CountDownLatch end = new CountDownLatch(1);
  private FutureTask<Boolean> holder = new FutureTask<>(() -> true);

  private List<ReentrantLock> locks() {
    TieredPool tiered = (TieredPool) pool;
    return List.of(
        (ReentrantLock) Peek.get(tiered.tiers[1].blocks, "lock"),
        (ReentrantLock) Peek.get(Peek.get(tiered, "waiters"), "lock"),
        (ReentrantLock) Peek.get(Peek.get(tiered, "lifecycle"), "lock"));
  }

  @BeforeEach
  void holdAllLocks() {
    List<ReentrantLock> locks = locks();
    holder =
        Threads.start(
            Thread.ofPlatform(),
            () -> {
              locks.forEach(ReentrantLock::lock);
              end.await();
              locks.forEach(ReentrantLock::unlock);
              return true;
            });
    Threads.until("all locks are held", () -> locks.stream().allMatch(ReentrantLock::isLocked));
  }

  @AfterEach
  void finish() throws Exception {
    end.countDown();
    Threads.get(holder);
    live.forEach(MemoryBlock::close);
    MemoryPoolContract.assertInOrder(pool);
    pool.close();
  }

  @Test
  void aSnapshotTakesNone() {
    assertThat(pool.stats().used()).isEqualTo(2);
    assertThat(pool.dump()).contains("oldest of 2 live blocks");
    assertThat(pool.isClosed()).isFalse();
  }

  @Test
  void lookingAtALiveBlockTakesNone() {
    for (MemoryBlock block : live) {
      assertThat(block.isLive()).isTrue();
      assertThat(pool.isLive(block.handle())).isTrue();
      assertThat(pool.byteSize(block.handle())).isEqualTo(block.segment().byteSize());
    }
  }

  @Test
  void aWarmedUpPairTakesNone() {
    for (int i = 0; i < 1000; i++) {
      pool.free(pool.allocateHandle(64));
      pool.free(pool.allocateHandle(128));
    }
    assertThat(pool.stats().allocations()).isEqualTo(2002);
  }

  @Test
  void virtualThreadsNeedNoneInASmallTier() throws Exception {
    Threads.together(
        20,
        Thread.ofVirtual(),
        thread -> {
          for (int i = 0; i < 100; i++) {
            pool.free(pool.allocateHandle(64));
          }
        });
  }
}
