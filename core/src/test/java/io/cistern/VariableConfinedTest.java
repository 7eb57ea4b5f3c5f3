package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A pool of any size that belongs to one thread: others are refused by name and change nothing, but
 * they may look. Time budget: 2 seconds.
 */
class VariableConfinedTest {
  private static MemoryPool.Builder builder() {
    return MemoryPool.builder().name("mine").variable(4096).confined();
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
        assertRefused(message, () -> pool.allocate(64, 64));
        assertRefused(message, () -> pool.tryAllocate(64));
        assertRefused(message, () -> pool.allocate(64, Duration.ofDays(1)));
        assertRefused(message, () -> pool.allocateHandle(64));
        assertRefused(message, () -> pool.tryAllocateHandles(64, new long[2], 0, 2));
        assertRefused(message, block::close);
        assertRefused(message, () -> block.tryResize(50));
        assertRefused(message, () -> pool.tryResize(block.handle(), 200));
        assertRefused(message, () -> pool.free(block.handle()));
        assertRefused(message, () -> pool.free(block.handle(), 100));
        assertRefused(message, () -> pool.free(block.segment()));
        assertRefused(message, pool::close);
        assertRefused(message, pool::closeNow);
        return true;
      });
      MemoryPoolContract.assertUnchanged(before, pool.stats());
      Tag.check(block.segment(), 1);
      pool.verify().orThrow();
    }
  }

  private static void assertRefused(String message, ThrowingCallable use) {
    assertThatThrownBy(use).isExactlyInstanceOf(WrongThreadException.class).hasMessage(message);
  }

  @Test
  void otherThreadsMayLookWhileTheOwnerWorks() throws Exception {
    try (MemoryPool pool = builder().build();
        MemoryBlock block = pool.allocate(100)) {
      FutureTask<Boolean> looker =
          Threads.start(
              Thread.ofPlatform(),
              () -> {
                for (int i = 0; i < 2_000; i++) {
                  PoolStats.Variable seen = Objects.requireNonNull(pool.stats().variable());
                  assertThat(seen.usedBytes() + seen.freeBytes()).isEqualTo(seen.totalBytes());
                  assertThat(seen.usedBlocks()).isBetween(1, 3);
                  assertThat(seen.allocations() - seen.frees()).isEqualTo(seen.usedBlocks());
                  assertThat(seen.reachabilityGapBytes()).isZero();
                  if (i % 10 == 0) {
                    assertThat(pool.verify().orThrow().quiescent()).isTrue();
                    assertThat(pool.dump()).contains("live blocks");
                    assertThat(block.byteBuffer().capacity()).isEqualTo(100);
                  }
                }
                return true;
              });
      while (!looker.isDone()) {
        long one = pool.allocateHandle(500);
        long two = pool.allocateHandle(7);
        pool.free(one);
        pool.free(two);
      }
      assertThat(Threads.get(looker)).isTrue();
    }
  }

  @Test
  void nobodyIsWaitedFor() {
    try (MemoryPool pool = builder().build()) {
      assertThatThrownBy(
              () -> {
                try (MemoryBlock all = pool.allocate(4096)) {
                  pool.allocate(all.byteSize(), Duration.ofDays(1));
                }
              })
          .isExactlyInstanceOf(PoolExhaustedException.class)
          .hasMessage(
              "pool 'mine' is exhausted: asked 4096 B, largest free block 0 B, free 0 B,"
                  + " used 4096 B, limit 4096 B");
      assertThat(pool.stats().failed()).isEqualTo(1);
    }
  }

  @Test
  void whenTheThreadIsDeadAnybodyMayClose() throws Exception {
    MemoryPool[] made = new MemoryPool[1];
    Thread maker =
        Thread.ofPlatform()
            .start(() -> {
              made[0] = builder().build();
              made[0].allocateHandle(8);
            });
    maker.join();
    assertThatThrownBy(() -> made[0].allocate(1)).isInstanceOf(WrongThreadException.class);
    assertThatThrownBy(made[0]::close)
        .hasMessageContaining("stays open: 1 live blocks: 8 B in all");
    made[0].closeNow();
    assertThat(made[0].isClosed()).isTrue();
  }
}
