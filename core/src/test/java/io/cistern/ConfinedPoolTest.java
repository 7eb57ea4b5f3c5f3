package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A pool that is one thread's: what the others may do with it, and that they change nothing. */
class ConfinedPoolTest {
  private static MemoryPool.Builder builder() {
    return MemoryPool.builder().name("mine").tier(64, 2).tier(128, 70).confined();
  }

  @ParameterizedTest
  @EnumSource(Zeroing.class)
  void otherThreadsAreRefusedAndChangeNothing(Zeroing zeroing) throws Exception {
    try (MemoryPool pool = builder().zeroing(zeroing).build();
        MemoryBlock block = pool.allocate(100)) {
      Tag.write(block.segment(), 1);
      PoolStats before = pool.stats();
      Thread owner = Thread.currentThread();
      Threads.elsewhere(() -> {
        String message =
            "the pool is confined to thread '%s', not '%s'"
                .formatted(owner.getName(), Thread.currentThread().getName());
        assertRefused(message, () -> pool.allocate(64));
        assertRefused(message, () -> pool.tryAllocate(64));
        assertRefused(message, () -> pool.allocate(64, Duration.ofDays(1)));
        assertRefused(message, () -> pool.allocateHandle(64));
        assertRefused(message, () -> pool.tryAllocateHandle(64));
        assertRefused(message, () -> pool.tryAllocateHandles(64, new long[2], 0, 2));
        assertRefused(message, block::close);
        assertRefused(message, () -> pool.free(block.handle()));
        assertRefused(message, () -> pool.free(block.handle(), 100));
        assertRefused(message, () -> pool.free(block.segment()));
        assertRefused(message, () -> pool.free(new long[] {block.handle()}, 0, 1));
        assertRefused(message, pool::close);
        assertRefused(message, pool::closeNow);
        return true;
      });
      assertThat(pool.stats().tiers()).isEqualTo(before.tiers());
      assertThat(block.isLive()).isTrue();
      Tag.check(block.segment(), 1);
      pool.verify().orThrow();
    }
  }

  private static void assertRefused(String message, ThrowingCallable use) {
    assertThatThrownBy(use).isExactlyInstanceOf(WrongThreadException.class).hasMessage(message);
  }

  @Test
  void otherThreadsMayLook() throws Exception {
    try (MemoryPool pool = builder().build();
        MemoryBlock block = pool.allocate(100)) {
      Tag.write(block.segment(), 1);
      Threads.elsewhere(() -> {
        Tag.check(block.segment(), 1);
        assertThat(block.byteBuffer().capacity()).isEqualTo(100);
        assertThat(pool.isLive(block.handle())).isTrue();
        assertThat(pool.byteSize(block.handle())).isEqualTo(100);
        assertThat(pool.stats().used()).isEqualTo(1);
        assertThat(pool.verify().ok()).isTrue();
        assertThat(pool.dump()).contains("oldest of 1 live blocks");
        return true;
      });
    }
  }

  @Test
  void aBuilderMayNameTheThread() throws Exception {
    BlockingQueue<MemoryPool> given = new ArrayBlockingQueue<>(1);
    FutureTask<Boolean> use = new FutureTask<>(() -> usesAndCloses(given.take()));
    Thread worker = Thread.ofVirtual().unstarted(use);
    MemoryPool pool = builder().confinedTo(worker).build();
    given.add(pool);
    assertThatThrownBy(() -> pool.allocate(1)).isInstanceOf(WrongThreadException.class);
    worker.start();
    assertThat(Threads.get(use)).isTrue();
    assertThat(pool.isClosed()).isTrue();
  }

  private static boolean usesAndCloses(MemoryPool pool) {
    pool.allocate(1).close();
    pool.close();
    return true;
  }

  @Test
  void whenTheThreadIsDeadAnybodyMayCloseAndNobodyAllocate() throws Exception {
    MemoryPool pool = Threads.elsewhere(() -> builder().build());
    MemoryPool busy = Threads.elsewhere(ConfinedPoolTest::poolWithLiveBlock);
    Threads.until("its thread is dead", () -> closesAsOwner(pool));
    assertThat(pool.isClosed()).isTrue();
    assertThatThrownBy(() -> busy.allocate(1)).isInstanceOf(WrongThreadException.class);
    Threads.until("its thread is dead", () -> isRefusedForItsBlock(busy));
    busy.closeNow();
    assertThat(busy.isClosed()).isTrue();
  }

  private static MemoryPool poolWithLiveBlock() {
    MemoryPool pool = builder().build();
    assertThat(pool.allocateHandle(1)).isNotZero();
    return pool;
  }

  private static boolean closesAsOwner(MemoryPool pool) {
    try {
      pool.close();
      return true;
    } catch (WrongThreadException alive) {
      return false;
    }
  }

  private static boolean isRefusedForItsBlock(MemoryPool pool) {
    try {
      pool.close();
    } catch (WrongThreadException alive) {
      return false;
    } catch (IllegalStateException refused) {
      assertThat(refused).hasMessageContaining("stays open: 1 live blocks: 1 of 64 B");
      return true;
    }
    throw new AssertionError("closed with a live block");
  }

  @Test
  void aManagerClosesAllButThePoolsOfOthers() throws Exception {
    PoolManager.Builder builder =
        PoolManager.builder()
            .pool("a", MemoryPool.builder().tier(8, 1))
            .pool("theirs", builder())
            .pool("b", MemoryPool.builder().tier(8, 1));
    PoolManager manager = builder.build();
    Threads.elsewhere(() -> {
      assertThatThrownBy(manager::closeNow).isInstanceOf(WrongThreadException.class);
      return true;
    });
    assertThat(manager.pools()).extracting(MemoryPool::isClosed).containsExactly(true, false, true);
    manager.closeNow();
    assertThat(manager.pools()).allMatch(MemoryPool::isClosed);
  }

  @Test
  void nobodyIsWaitedFor() {
    try (MemoryPool pool = MemoryPool.builder().tier(8, 1).confined().build();
        MemoryBlock only = pool.allocate(8)) {
      assertThat(only.isLive()).isTrue();
      assertThatThrownBy(() -> pool.allocate(8, Duration.ofDays(1)))
          .isExactlyInstanceOf(PoolExhaustedException.class)
          .hasMessage(
              "pool 'pool' is exhausted: asked 8 B, largest free block 0 B, free 0 B, used 8 B,"
                  + " limit 8 B");
      assertThat(pool.stats().failed()).isEqualTo(1);
    }
  }

  @Test
  void figuresReadByAnotherThreadAreInRange() throws Exception {
    try (MemoryPool pool = builder().build()) {
      FutureTask<Boolean> reader =
          Threads.start(
              Thread.ofPlatform(),
              () -> {
                long allocations = 0;
                for (int i = 0; i < 20_000; i++) {
                  PoolStats.Tier tier = pool.stats().tiers().getLast();
                  assertThat(tier.used() >= 0 && tier.used() <= 70).isTrue();
                  assertThat(tier.allocations()).isGreaterThanOrEqualTo(allocations - 70);
                  allocations = tier.allocations();
                }
                return true;
              });
      while (!reader.isDone()) {
        MemoryBlock[] some = {pool.allocate(128), pool.allocate(128), pool.allocate(128)};
        for (MemoryBlock block : some) {
          block.close();
        }
      }
      assertThat(Threads.get(reader)).isTrue();
      assertThatCode(() -> pool.verify().orThrow()).doesNotThrowAnyException();
    }
  }
}
