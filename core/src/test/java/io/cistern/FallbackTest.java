package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.InvalidFreeException.Reason;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Memory outside of the pools: to the byte, and never misused unseen. Time budget: 3 seconds. */
@Timeout(30)
class FallbackTest {
  private static final Duration LONG = Duration.ofSeconds(15);

  private static MemoryPool.Builder tier() {
    return MemoryPool.builder().name("p").tier(64, 1);
  }

  private static PoolStats.Fallback outside(MemoryPool pool) {
    return Objects.requireNonNull(pool.stats().fallback());
  }

  private static Reason reason(Runnable free) {
    try {
      free.run();
    } catch (InvalidFreeException refused) {
      return refused.reason();
    }
    throw new AssertionError("freed");
  }

  @Test
  void itIsExactToTheByte() {
    try (MemoryPool pool = tier().fallback(1000).build()) {
      MemoryBlock inside = pool.allocate(64);
      MemoryBlock all = pool.allocate(1000);
      assertThat(pool.tryAllocate(1)).isNull();
      assertThatThrownBy(() -> pool.allocate(1)).isExactlyInstanceOf(PoolExhaustedException.class);
      assertThatThrownBy(() -> pool.allocate(1001))
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessage("size of 1001 B: pool 'p' serves from 1 to 1000 B");
      assertThat(outside(pool)).isEqualTo(new PoolStats.Fallback(1000, 1000, 1, 1, 1, 0));
      all.close();
      MemoryBlock most = pool.allocate(999);
      MemoryBlock last = pool.allocate(1);
      assertThat(pool.tryAllocate(1)).isNull();
      assertThat(outside(pool)).isEqualTo(new PoolStats.Fallback(1000, 1000, 2, 2, 3, 1));
      assertThat(pool.stats().failed()).isEqualTo(3);
      List.of(inside, most, last).forEach(MemoryBlock::close);
      assertThat(outside(pool)).isEqualTo(new PoolStats.Fallback(1000, 0, 0, 2, 3, 3));
      MemoryPoolContract.assertInOrder(pool);
    }
  }

  @Test
  void poolsThatShareItHaveOneLimit() {
    try (PoolManager manager =
        PoolManager.builder()
            .pool("a", tier().sharedFallback())
            .pool("b", tier().enabled(false).sharedFallback())
            .pool("own", tier().fallback(10))
            .fallbackBytes(100)
            .budgetBytes(64 + 64 + 100 + 10)
            .build()) {
      MemoryBlock b = manager.pool("b").allocate(40);
      MemoryBlock a = manager.pool("a").allocate(60);
      MemoryBlock inside = manager.pool("a").allocate(60);
      assertThat(outside(manager.pool("a"))).as("none is needed inside").isNotNull();
      MemoryBlock more = manager.pool("b").tryAllocate(40);
      assertThat(more == null).isTrue();
      manager.free(inside.handle());
      manager.free(a.handle());
      manager.free(b.handle());
      assertThatThrownBy(() -> manager.setFallbackBytes(101))
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage("1 B more of fallback memory are not in the budget: 238 of 238 B are taken");
      manager.setFallbackBytes(10);
      assertThat(manager.budgetUsedBytes()).isEqualTo(148);
      assertThatThrownBy(() -> manager.pool("b").allocate(11))
          .hasMessageContaining("from 1 to 10 B");
      try (MemoryBlock last = manager.pool("b").allocate(10)) {
        assertThat(last.byteSize()).isEqualTo(10);
        assertThatThrownBy(() -> manager.setFallbackBytes(9))
            .isExactlyInstanceOf(IllegalStateException.class)
            .hasMessage("9 B of fallback memory are less than the 10 B that are live");
      }
      assertThat(manager.verify()).allMatch(VerifyReport::ok);
    }
  }

  @Test
  void whoWaitsIsServedByWhatAnotherPoolGivesBack() throws Exception {
    try (PoolManager manager =
        PoolManager.builder()
            .pool("a", tier().enabled(false).sharedFallback())
            .pool("b", tier().enabled(false).sharedFallback())
            .fallbackBytes(100)
            .build()) {
      MemoryBlock a = manager.pool("a").allocate(100);
      FutureTask<MemoryBlock> waiter =
          Threads.start(Thread.ofVirtual(), () -> manager.pool("b").allocate(64, LONG));
      Threads.untilWaiting(manager.pool("b"), 1);
      a.close();
      Threads.get(waiter).close();
    }
  }

  /** The first wants more than there is; those behind it want less. */
  @Test
  void whoWantsLessIsNotKeptWaitingByWhoWantsMore() throws Exception {
    try (MemoryPool pool = tier().fallback(100).build()) {
      MemoryBlock inside = pool.allocate(64);
      MemoryBlock most = pool.allocate(90);
      MemoryBlock rest = pool.allocate(10);
      FutureTask<MemoryBlock> large =
          Threads.start(Thread.ofPlatform(), () -> pool.allocate(60, LONG));
      Threads.untilWaiting(pool, 1);
      FutureTask<MemoryBlock> small =
          Threads.start(Thread.ofPlatform(), () -> pool.allocate(10, LONG));
      Threads.untilWaiting(pool, 2);
      rest.close();
      Threads.get(small).close();
      assertThat(large.isDone()).isFalse();
      most.close();
      Threads.get(large).close();
      inside.close();
    }
  }

  @Test
  void misuseIsSeen() {
    try (MemoryPool pool = tier().enabled(false).fallback(10_000).build();
        MemoryPool other = tier().enabled(false).fallback(10_000).build()) {
      MemoryBlock block = pool.allocate(100);
      long handle = block.handle();
      MemorySegment segment = block.segment();
      assertThat(reason(() -> other.free(handle))).isEqualTo(Reason.FOREIGN);
      assertThat(reason(() -> other.free(segment))).isEqualTo(Reason.FOREIGN);
      assertThat(reason(() -> pool.free(segment.asSlice(1)))).isEqualTo(Reason.FOREIGN);
      assertThat(reason(() -> pool.free(handle, 99))).isEqualTo(Reason.WRONG_SIZE);
      assertThat(reason(() -> pool.free(handle ^ 1L << 32))).isEqualTo(Reason.STALE);
      assertThat(block.isLive()).isTrue();
      pool.free(handle, 100);
      assertThat(reason(() -> pool.free(handle))).isEqualTo(Reason.DOUBLE_FREE);
      assertThat(reason(block::close)).isEqualTo(Reason.DOUBLE_FREE);
      MemoryBlock again = pool.allocate(100);
      assertThat(again.handle() >>> 32).as("the same number").isEqualTo(handle >>> 32);
      assertThat(reason(() -> pool.free(handle))).isEqualTo(Reason.STALE);
      assertThat(reason(block::close)).isEqualTo(Reason.STALE);
      assertThat(pool.isLive(handle)).isFalse();
      assertThatThrownBy(() -> pool.segment(handle)).isInstanceOf(IllegalArgumentException.class);
      again.close();
      assertThatThrownBy(() -> segment.get(ValueLayout.JAVA_BYTE, 0))
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
      MemoryPoolContract.assertInOrder(pool);
    }
  }

  @Test
  void memoryIsZeroedAndAligned() {
    try (MemoryPool pool = tier().alignment(64).enabled(false).fallback(100_000).build()) {
      for (int i = 0; i < 20; i++) {
        try (MemoryBlock block = pool.allocate(1 + 97 * i, 64)) {
          MemorySegment segment = block.segment();
          assertThat(segment.address() % 64).isZero();
          assertThat(segment.byteSize()).isEqualTo(1 + 97 * i);
          for (long at = 0; at < segment.byteSize(); at++) {
            assertThat(segment.get(ValueLayout.JAVA_BYTE, at)).isZero();
          }
          segment.fill((byte) 7);
          assertThat(block.byteBuffer().capacity()).isEqualTo(1 + 97 * i);
        }
      }
    }
  }

  @Test
  void aResizeKeepsWithinItsMemory() {
    try (MemoryPool pool = tier().enabled(false).fallback(1000).build()) {
      MemoryBlock block = pool.allocate(100);
      assertThat(block.tryResize(101)).isFalse();
      assertThat(block.tryResize(1)).isTrue();
      assertThat(block.byteSize()).isEqualTo(1);
      assertThat(outside(pool).liveBytes()).as("its memory stays").isEqualTo(100);
      assertThat(block.tryResize(100)).isTrue();
      for (long wrong : new long[] {0, -1, Long.MIN_VALUE, 1001}) {
        assertThatThrownBy(() -> block.tryResize(wrong))
            .isExactlyInstanceOf(IllegalArgumentException.class)
            .hasMessage("size of %d B: pool 'p' serves from 1 to 1000 B".formatted(wrong));
      }
      assertThat(block.byteSize()).isEqualTo(100);
      block.close();
      assertThat(outside(pool).liveBytes()).isZero();
    }
  }

  @Test
  void aPoolWithLiveFallbackMemoryStaysOpen() {
    MemoryPool pool = tier().fallback(1000).build();
    MemoryBlock block = pool.allocate(65);
    assertThatThrownBy(pool::close)
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessageMatching(
            "pool 'p' stays open: 1 live blocks in fallback memory \\(oldest \\d\\.\\d\\d s\\)"
                + "; report\\(Duration.ZERO\\) says who allocated them");
    assertThat(block.isLive()).isTrue();
    pool.allocate(64).close();
    block.close();
    pool.close();
    pool.close();
    assertThatThrownBy(() -> pool.allocate(65)).hasMessage("pool 'p' is closed");
  }

  @Test
  void closeNowGivesAllBack() {
    int openable = PoolIdsTest.openable();
    PoolManager manager =
        PoolManager.builder()
            .pool("a", tier().enabled(false).sharedFallback().labels())
            .pool("b", tier().enabled(false).sharedFallback())
            .fallbackBytes(1000)
            .quota("q", 1000, 0, false)
            .build();
    MemoryPool a = manager.pool("a").chargedTo(manager.quota("q"));
    List<MemoryBlock> live = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      live.add(a.allocate(50));
    }
    MemorySegment segment = live.getFirst().segment();
    assertThat(manager.pool("b").tryAllocate(1)).isNull();
    a.closeNow();
    assertThat(live).noneMatch(MemoryBlock::isLive);
    live.forEach(MemoryBlock::close);
    assertThatThrownBy(() -> segment.get(ValueLayout.JAVA_BYTE, 0))
        .isExactlyInstanceOf(IllegalStateException.class);
    assertThat(manager.quota("q").usedBytes()).isZero();
    assertThat(a.stats().labels()).containsExactly(new PoolStats.Label("", 20, 20, 0, 0, 0));
    manager.pool("b").allocate(1000).close();
    manager.close();
    assertThat(PoolIdsTest.openable()).isEqualTo(openable);
  }

  /** Frees race with the close; whoever wins, all is given back once. */
  @Test
  void closeNowAgainstFree() throws Exception {
    for (int round = 0; round < 100; round++) {
      PoolManager manager =
          PoolManager.builder()
              .pool("a", tier().enabled(false).sharedFallback())
              .pool("b", tier().enabled(false).sharedFallback())
              .fallbackBytes(1000)
              .quota("q", 1000, 0, false)
              .build();
      MemoryPool a = manager.pool("a").chargedTo(manager.quota("q"));
      List<MemoryBlock> live = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        live.add(a.allocate(100));
      }
      Threads.together(
          2,
          Thread.ofPlatform(),
          thread -> {
            if (thread == 0) {
              a.closeNow();
            } else {
              live.forEach(MemoryBlock::close);
            }
          });
      assertThat(manager.quota("").usedBytes()).isZero();
      manager.pool("b").allocate(1000).close();
      manager.close();
    }
  }

  @Test
  void closeAgainstAllocateEndsNobodysMemory() throws Exception {
    int openable = PoolIdsTest.openable();
    for (int round = 0; round < 20; round++) {
      MemoryPool pool = tier().enabled(false).fallback(1000).build();
      Threads.together(
          2,
          Thread.ofPlatform(),
          thread -> {
            try {
              if (thread == 0) {
                closeSurely(pool);
              } else {
                useUntilClosed(pool);
              }
            } catch (IllegalStateException closed) {
              assertThat(closed).hasMessage("pool 'p' is closed");
            }
          });
      assertThat(pool.isClosed()).isTrue();
    }
    assertThat(PoolIdsTest.openable()).isEqualTo(openable);
  }

  private static void useUntilClosed(MemoryPool pool) {
    while (true) {
      MemoryBlock block = pool.allocate(100); // throws in the end
      Tag.write(block.segment(), 1);
      Tag.check(block.segment(), 1);
      assertThat(block.isLive()).isTrue();
      block.close();
    }
  }

  private static void closeSurely(MemoryPool pool) {
    while (true) {
      try {
        pool.close();
        return;
      } catch (IllegalStateException stillOpen) {
        assertThat(stillOpen).hasMessageContaining("stays open");
      }
    }
  }

  @Test
  void aConfinedPoolsIsConfined() throws Exception {
    try (MemoryPool pool = tier().enabled(false).fallback(1000).confined().build()) {
      MemoryBlock block = pool.allocate(10);
      Threads.elsewhere(() -> {
        assertThatThrownBy(() -> pool.allocate(10)).isInstanceOf(WrongThreadException.class);
        assertThatThrownBy(block::close).isInstanceOf(WrongThreadException.class);
        assertThatThrownBy(() -> pool.free(block.handle()))
            .isInstanceOf(WrongThreadException.class);
        assertThatThrownBy(() -> block.tryResize(1)).isInstanceOf(WrongThreadException.class);
        return pool;
      });
      block.close();
      assertThat(outside(pool).liveBytes()).isZero();
    }
  }
}
