package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.internal.Peek;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Which calls take no lock: this thread holds every lock of the pool while another one makes them.
 * Were one needed, the other thread would not come back in time.
 */
class LocksTest {
  private static final long FEWEST_SLOTS = 64;

  private final MemoryPool pool = MemoryPool.builder().tier(64, 8).tier(128, 200).build();
  private final List<MemoryBlock> live = List.of(pool.allocate(64), pool.allocate(128));
  private final ExecutorService other = Executors.newSingleThreadExecutor(LocksTest::neighbour);

  /** A thread whose magazine does not stand where this thread's does: both can have their own. */
  private static Thread neighbour(Runnable task) {
    Thread thread = new Thread(task);
    long apart = thread.threadId() ^ Thread.currentThread().threadId();
    return (apart & (FEWEST_SLOTS - 1)) == 0 ? neighbour(task) : thread;
  }

  private List<ReentrantLock> locks() {
    TieredPool tiered = (TieredPool) pool;
    return List.of(
        (ReentrantLock) Peek.get(tiered.tiers[1].blocks, "lock"),
        (ReentrantLock) Peek.get(Peek.get(tiered, "waiters"), "lock"),
        (ReentrantLock) Peek.get(Peek.get(tiered, "lifecycle"), "lock"));
  }

  private void assertNeedsNoLock(Runnable calls) throws Exception {
    List<ReentrantLock> locks = locks();
    locks.forEach(ReentrantLock::lock);
    try {
      other.submit(calls).get(10, TimeUnit.SECONDS);
    } finally {
      locks.forEach(ReentrantLock::unlock);
    }
  }

  @AfterEach
  void everythingIsFreeAndInOrder() {
    other.close();
    live.forEach(MemoryBlock::close);
    MemoryPoolContract.assertInOrder(pool);
    pool.close();
  }

  @Test
  void aSnapshot() throws Exception {
    assertNeedsNoLock(() -> {
      assertThat(pool.stats().used()).isEqualTo(2);
      assertThat(pool.usedBlocks(128)).isEqualTo(1);
      assertThat(pool.freeBlocks(128)).isEqualTo(199);
      assertThat(pool.dump()).contains("oldest of 2 live blocks");
      assertThat(pool.isClosed()).isFalse();
    });
  }

  @Test
  void aLookAtALiveBlock() throws Exception {
    assertNeedsNoLock(() -> {
      for (MemoryBlock block : live) {
        assertThat(block.isLive()).isTrue();
        assertThat(pool.isLive(block.handle())).isTrue();
        assertThat(pool.byteSize(block.handle())).isEqualTo(block.segment().byteSize());
      }
    });
  }

  @Test
  void aWarmedUpPair() throws Exception {
    other.submit(this::pairs).get();
    assertNeedsNoLock(this::pairs);
    assertThat(pool.stats().allocations()).isEqualTo(2 + 4 * 1000);
  }

  private void pairs() {
    for (int i = 0; i < 1000; i++) {
      pool.free(pool.allocateHandle(64));
      pool.free(pool.allocateHandle(128));
    }
  }

  @Test
  void aPairOfASmallTierOnAVirtualThread() throws Exception {
    assertNeedsNoLock(() -> {
      Thread virtual = Thread.ofVirtual().start(() -> pool.free(pool.allocateHandle(64)));
      Threads.until("it has ended", () -> !virtual.isAlive());
    });
    assertThat(pool.stats().frees()).isEqualTo(1);
  }
}
