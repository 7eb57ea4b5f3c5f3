package io.cistern;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The end of a governed pool, under its users or refused by them, and of a manager that cannot be
 * built. Whoever wins, every counter is zero afterwards. Time budget: 8 seconds.
 */
@Timeout(60)
class GovernedCloseTest {
  private static final Duration LONG = Duration.ofSeconds(15);
  private static final Duration NEVER = Duration.ofDays(1);
  private static final int ROUNDS = 15;

  /** What a pool is made of. */
  @SuppressWarnings("ImmutableEnumChecker") // builders are copied before use
  enum Kind {
    TIERS(MemoryPool.builder().tier(64, 6).tier(256, 6).labels().resizable()),
    ANY_SIZE(MemoryPool.builder().variable(2048).labels()),
    REGIONS(MemoryPool.builder().tier(64, 3).labels().reserve(64).regions(0, 4, Duration.ZERO)),
    REGIONS_OF_ANY_SIZE(
        MemoryPool.builder().variable(256).labels().reserve(64).regions(1, 4, Duration.ZERO)),
    FALLBACK(MemoryPool.builder().tier(64, 2).labels().fallback(400)),
    ALL(
        MemoryPool.builder()
            .tier(64, 3)
            .labels()
            .resizable()
            .reserve(64)
            .fallback(100)
            .regions(1, 3, Duration.ZERO));

    private final MemoryPool.Builder builder;

    Kind(MemoryPool.Builder builder) {
      this.builder = builder;
    }

    PoolManager open() {
      return PoolManager.builder()
          .pool("p", builder)
          .pool("other", MemoryPool.builder().tier(64, 1).regions(0, 1, NEVER))
          .quota("q", 500, 0, false)
          .quota("alarm", 500, 0, true)
          .budgetBytes(1 << 20)
          .build();
    }
  }

  private static void assertNothingIsLeft(PoolManager manager, int openable) {
    assertThat(manager.quota("").usedBytes()).as("charged").isZero();
    assertThat(manager.quota("").verify()).isEmpty();
    for (PoolStats.Label label : manager.pool("p").stats().labels()) {
      assertThat(label.liveBlocks()).as("%s", label).isZero();
      assertThat(label.liveBytes()).as("%s", label).isZero();
    }
    PoolStats.Fallback fallback = manager.pool("p").stats().fallback();
    assertThat(manager.budgetUsedBytes())
        .as("what may be fallback memory stays in the budget")
        .isEqualTo(fallback == null ? 0 : fallback.limitBytes());
    assertThat(PoolIdsTest.openable()).isEqualTo(openable);
  }

  private static void useUntilClosed(MemoryPool pool, int thread) {
    List<MemoryBlock> live = new ArrayList<>();
    try {
      for (int i = 0; ; i++) {
        MemoryBlock block = pool.tryAllocate(1 + i % 64);
        if (block != null) {
          live.add(block);
        }
        if (live.size() > thread || block == null) {
          live.forEach(MemoryBlock::close);
          live.clear();
        }
      }
    } catch (IllegalStateException closed) {
      assertThat(closed).hasMessage("pool 'p' is closed");
    }
    live.forEach(MemoryBlock::close); // does nothing
  }

  private static void waitUntilClosed(MemoryPool pool) throws InterruptedException {
    try {
      while (true) {
        pool.allocate(64, LONG).close();
      }
    } catch (IllegalStateException closed) {
      assertThat(closed).hasMessage("pool 'p' is closed");
    }
  }

  @ParameterizedTest
  @EnumSource
  void closeNowAgainstItsUsers(Kind kind) throws Exception {
    int openable = PoolIdsTest.openable();
    for (int round = 0; round < ROUNDS; round++) {
      PoolManager manager = kind.open();
      MemoryPool pool = manager.pool("p").chargedTo(manager.quota("q"));
      MemoryPool alarm = manager.pool("p").chargedTo(manager.quota("alarm")).labelled("alarm");
      Threads.together(
          4,
          Thread.ofPlatform(),
          thread -> {
            switch (thread) {
              case 0 -> {
                Threads.until("in use", () -> manager.pool("p").stats().allocations() > 50);
                manager.closeNow();
              }
              case 1 -> useUntilClosed(pool, 3);
              case 2 -> useUntilClosed(alarm, 2);
              default -> waitUntilClosed(pool);
            }
          });
      assertNothingIsLeft(manager, openable);
    }
  }

  @ParameterizedTest
  @EnumSource
  void twoThatCloseGiveBackOnce(Kind kind) throws Exception {
    int openable = PoolIdsTest.openable();
    for (int round = 0; round < ROUNDS; round++) {
      PoolManager manager = kind.open();
      MemoryPool pool = manager.pool("p");
      MemoryBlock live = pool.chargedTo(manager.quota("alarm")).allocate(1);
      boolean now = round % 2 == 0;
      if (!now) {
        live.close();
      }
      Threads.together(
          2,
          Thread.ofPlatform(),
          thread -> {
            if (now || thread == 0) {
              pool.closeNow();
            } else {
              pool.close();
            }
          });
      manager.close();
      assertNothingIsLeft(manager, openable);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCloseThatIsRefusedLosesNothing(Kind kind) throws Exception {
    int openable = PoolIdsTest.openable();
    PoolManager manager = kind.open();
    MemoryPool pool = manager.pool("p").chargedTo(manager.quota("alarm"));
    Threads.together(
        2,
        Thread.ofPlatform(),
        thread -> {
          if (thread == 0) {
            closeSurely(manager);
          } else {
            useUntilItCloses(pool);
          }
        });
    assertNothingIsLeft(manager, openable);
    PoolStats stats = manager.pool("p").stats();
    assertThat(stats.allocations()).as("figures of regions that were closed").isEqualTo(2_000);
    assertThat(stats.frees()).isEqualTo(2_000);
  }

  private static void useUntilItCloses(MemoryPool pool) {
    MemoryBlock held = pool.allocate(8);
    for (int i = 1; i < 2_000; i++) {
      MemoryBlock next = pool.allocate(8);
      held.close();
      held = next;
    }
    held.close();
  }

  private static void closeSurely(PoolManager manager) {
    MemoryPool pool = manager.pool("p");
    while (pool.stats().allocations() == 0) {
      Thread.onSpinWait();
    }
    while (true) {
      try {
        manager.close();
        return;
      } catch (IllegalStateException stillOpen) {
        assertThat(stillOpen).hasMessageContaining("pool 'p' stays open");
      }
    }
  }

  @Test
  void anotherThreadCannotEndAConfinedPool() throws Exception {
    PoolManager manager =
        PoolManager.builder()
            .pool(
                "p", MemoryPool.builder().tier(64, 4).labels().resizable().fallback(100).confined())
            .budgetBytes(1 << 10)
            .build();
    MemoryPool pool = manager.pool("p");
    MemoryBlock live = pool.allocate(64);
    Threads.elsewhere(() -> {
      assertThatThrownBy(pool::closeNow).isInstanceOf(WrongThreadException.class);
      assertThatThrownBy(pool::close).isInstanceOf(WrongThreadException.class);
      assertThatThrownBy(() -> manager.setCount("p", 64, 2))
          .isInstanceOf(WrongThreadException.class);
      return pool;
    });
    assertThat(pool.isClosed()).isFalse();
    assertThat(live.isLive()).isTrue();
    assertThat(manager.budgetUsedBytes()).isEqualTo(4 * 64 + 100);
    manager.setCount("p", 64, 2);
    pool.allocate(64).close();
    pool.allocate(100).close();
    live.close();
    manager.close();
    assertThat(manager.budgetUsedBytes()).isEqualTo(100);
  }

  @Test
  void aManagerThatCannotBeBuiltLeavesNothing() {
    int openable = PoolIdsTest.openable();
    PoolManager.Builder builder =
        PoolManager.builder()
            .pool("a", MemoryPool.builder().tier(64, 4).fallback(100).regions(2, 3, NEVER))
            .pool("b", MemoryPool.builder().variable(1024).labels().reserve(8));
    assertThatThrownBy(() ->
            builder.pool("huge", MemoryPool.builder().tier(1 << 30, 1 << 20).labels()).build())
        .isInstanceOf(OutOfMemoryError.class);
    assertThatThrownBy(() ->
            PoolManager.builder()
                .pool("a", MemoryPool.builder().tier(8, 1).fallback(8).regions(1, 2, NEVER))
                .pool("many", MemoryPool.builder().tier(8, 1).regions(200, 200, NEVER))
                .pool("more", MemoryPool.builder().tier(8, 1).fallback(8).regions(60, 60, NEVER))
                .build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("255 pools are open");
    assertThat(PoolIdsTest.openable()).isEqualTo(openable);
  }

  @Test
  void whereNoNumberIsLeftThePoolIsExhausted() {
    int openable = PoolIdsTest.openable();
    List<MemoryPool> others = new ArrayList<>();
    try (MemoryPool pool =
        MemoryPool.builder().name("p").tier(64, 1).fallback(64).regions(1, 2, NEVER).build()) {
      while (others.size() < openable - 2) {
        others.add(MemoryPool.builder().tier(8, 1).build());
      }
      MemoryBlock inside = pool.allocate(64);
      MemoryBlock outside = pool.allocate(64);
      assertThat(requireNonNull(pool.stats().fallback()).liveBytes()).isEqualTo(64);
      assertThat(pool.tryAllocate(64)).isNull();
      assertThatThrownBy(() -> pool.allocate(64)).isInstanceOf(PoolExhaustedException.class);
      inside.close();
      outside.close();
    } finally {
      others.forEach(MemoryPool::close);
    }
    assertThat(PoolIdsTest.openable()).isEqualTo(openable);
  }

  /**
   * A listener is called outside of all locks: it may wait for another thread that uses the pool.
   */
  @ParameterizedTest
  @EnumSource
  void listenersMayUseThePoolFromOtherThreads(Kind kind) throws Exception {
    List<Throwable> thrown = new ArrayList<>();
    MemoryPool[] opened = new MemoryPool[1];
    PoolListener listener =
        new PoolListener() {
          @Override
          public void onPressureChanged(PressureChange change) {
            try {
              Threads.elsewhere(() -> {
                MemoryBlock block = opened[0].tryAllocate(1);
                if (block != null) {
                  block.tryResize(2);
                  block.close();
                }
                return opened[0].stats();
              });
            } catch (Exception | AssertionError failed) {
              thrown.add(failed);
            }
          }
        };
    try (PoolManager manager =
        PoolManager.builder()
            .pool("p", kind.builder.copy("p").thresholds(10, 20).listener(quietly(listener)))
            .build()) {
      opened[0] = manager.pool("p");
      FutureTask<MemoryBlock> waiter = exhaustAndWait(manager.pool("p"));
      Threads.get(waiter).close();
      assertThat(thrown).isEmpty();
    }
  }

  /** Only the outermost call goes on: what the listener does changes the pressure itself. */
  private static PoolListener quietly(PoolListener listener) {
    return new PoolListener() {
      private final AtomicBoolean inside = new AtomicBoolean();

      @Override
      public void onPressureChanged(PressureChange change) {
        if (inside.compareAndSet(false, true)) {
          try {
            listener.onPressureChanged(change);
          } finally {
            inside.set(false);
          }
        }
      }
    };
  }

  private static FutureTask<MemoryBlock> exhaustAndWait(MemoryPool pool) {
    List<MemoryBlock> live = new ArrayList<>();
    for (MemoryBlock block = pool.tryAllocate(64); block != null; block = pool.tryAllocate(64)) {
      live.add(block);
    }
    FutureTask<MemoryBlock> waiter =
        Threads.start(Thread.ofPlatform(), () -> pool.allocate(64, LONG));
    Threads.untilWaiting(pool, 1);
    live.forEach(MemoryBlock::close);
    assertThatCode(() -> pool.stats()).doesNotThrowAnyException();
    return waiter;
  }
}
