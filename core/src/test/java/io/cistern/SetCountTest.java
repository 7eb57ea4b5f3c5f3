package io.cistern;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Counts of tiers that change while the pool is used. Time budget: 4 seconds. */
@Timeout(60)
class SetCountTest {
  private static final Duration LONG = Duration.ofSeconds(15);

  private static PoolManager open(int count, long budget) {
    return PoolManager.builder()
        .pool("p", MemoryPool.builder().tier(64, count).tier(256, 2).spill(Spill.OFF).resizable())
        .budgetBytes(budget)
        .build();
  }

  private static List<MemoryBlock> all(MemoryPool pool) {
    List<MemoryBlock> blocks = new ArrayList<>();
    for (MemoryBlock block = pool.tryAllocate(64); block != null; block = pool.tryAllocate(64)) {
      blocks.add(block);
    }
    return blocks;
  }

  private static void assertCount(MemoryPool pool, int count) {
    PoolStats.Tier tier = pool.stats().tiers().getFirst();
    assertThat(tier.total()).isEqualTo(count);
    assertThat(tier.used()).isZero();
    assertThat(pool.freeBlocks(64)).isEqualTo(count);
    assertThat(pool.usedBlocks(64)).isZero();
    List<MemoryBlock> live = all(pool);
    assertThat(live).hasSize(count);
    assertThat(pool.usedBlocks(64)).isEqualTo(count);
    live.forEach(MemoryBlock::close);
    assertThat(pool.stats().tiers().get(1).total()).isEqualTo(2);
    assertThat(pool.verify().orThrow().quiescent()).isTrue();
  }

  @Test
  void countsGoUpAndDown() {
    try (PoolManager manager = open(10, 1 << 20)) {
      MemoryPool pool = manager.pool("p");
      long region = manager.budgetUsedBytes();
      for (int count : new int[] {10, 3, 1, 5, 10, 11, 100, 70, 11, 10, 200, 1, 300, 10}) {
        manager.setCount("p", 64, count);
        assertCount(pool, count);
      }
      assertThat(manager.budgetUsedBytes()).as("extra regions are given back").isEqualTo(region);
      PoolStats.Tier tier = pool.stats().tiers().getFirst();
      assertThat(tier.allocations()).isEqualTo(tier.frees());
      assertThat(tier.requestedBytes()).isEqualTo(64 * tier.allocations());
      MemoryPoolContract.assertInOrder(pool);
    }
  }

  @Test
  void itIsRefusedWithItsReason() {
    try (PoolManager manager = open(10, 10 * 64 + 2 * 256 + 64)) {
      MemoryPool pool = manager.pool("p");
      List<MemoryBlock> live = all(pool);
      assertThatThrownBy(() -> manager.setCount("p", 64, 9))
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage("pool 'p' cannot have 9 blocks of 64 B now: 10 are used");
      assertThatThrownBy(() -> manager.setCount("p", 64, 12))
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage(
              "2 blocks of 64 B more for pool 'p' need 128 B, but 1152 of the budget of 1216 B are taken");
      assertThatThrownBy(() -> manager.setCount("p", 64, 0))
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessage("0 blocks for a tier of pool 'p': must be at least 1");
      assertThatThrownBy(() -> manager.setCount("p", 65, 1))
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessage("pool 'p' has no tier of 65 B; it has [64, 256]");
      manager.setCount("p", 64, 11);
      assertThat(manager.budgetUsedBytes()).isEqualTo(manager.budgetBytes());
      live.forEach(MemoryBlock::close);
      assertCount(pool, 11);
    }
  }

  @Test
  void whatWasRefusedLeavesAllAsItWas() {
    try (PoolManager manager = open(10, 1 << 20)) {
      MemoryPool pool = manager.pool("p");
      List<MemoryBlock> live = all(pool);
      live.subList(5, 10).forEach(MemoryBlock::close);
      assertThatThrownBy(() -> manager.setCount("p", 64, 4))
          .hasMessage("pool 'p' cannot have 4 blocks of 64 B now: 5 are used");
      assertThat(pool.freeBlocks(64)).isEqualTo(5);
      live.subList(0, 5).forEach(MemoryBlock::close);
      assertCount(pool, 10);
      PoolStats.Tier tier = pool.stats().tiers().getFirst();
      assertThat(tier.allocations()).isEqualTo(20).isEqualTo(tier.frees());
    }
  }

  @Test
  void whoWaitsGetsABlockMore() throws Exception {
    try (PoolManager manager = open(2, 1 << 20)) {
      MemoryPool pool = manager.pool("p");
      manager.setCount("p", 64, 1);
      for (int count : new int[] {2, 3}) { // one that comes back, and one of a region more
        List<MemoryBlock> live = all(pool);
        FutureTask<MemoryBlock> waiter =
            Threads.start(Thread.ofVirtual(), () -> pool.allocate(64, LONG));
        Threads.untilWaiting(pool, 1);
        manager.setCount("p", 64, count);
        Threads.get(waiter).close();
        live.forEach(MemoryBlock::close);
      }
    }
  }

  @Test
  void listenersHearNothingOfBlocksThatAreWithdrawn() {
    RecordingListener listener = new RecordingListener();
    try (PoolManager manager =
        PoolManager.builder()
            .pool("p", MemoryPool.builder().tier(64, 100).resizable().listener(listener))
            .build()) {
      manager.setCount("p", 64, 10);
      manager.setCount("p", 64, 200);
      manager.setCount("p", 64, 10);
      assertThat(listener.take()).isEmpty();
      List<MemoryBlock> live = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        live.add(manager.pool("p").allocate(64));
      }
      manager.setCount("p", 64, 6);
      assertThat(listener.take())
          .containsExactly("tier 64 NORMAL>LOW 320/384", "pool NORMAL>LOW 320/384");
      live.forEach(MemoryBlock::close);
    }
  }

  @Test
  void closeBringsEverythingBackOrNothing() {
    for (int count : new int[] {3, 30}) {
      PoolManager manager = open(10, 1 << 20);
      MemoryPool pool = manager.pool("p");
      manager.setCount("p", 64, count);
      MemoryBlock live = pool.allocate(200);
      assertThatThrownBy(manager::close).hasMessageContaining("stays open: 1 live blocks");
      live.close();
      assertCount(pool, count);
      live = pool.allocate(64);
      assertThatThrownBy(manager::close).hasMessageContaining("stays open: 1 live blocks");
      assertThat(pool.freeBlocks(64)).isEqualTo(count - 1);
      live.close();
      assertCount(pool, count);
      manager.close();
      assertThat(manager.budgetUsedBytes()).isZero();
      assertThat(pool.stats().used()).isZero();
      assertThatThrownBy(() -> manager.setCount("p", 64, 40))
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage("pool 'p' is closed");
      assertThat(manager.budgetUsedBytes()).isZero();
    }
  }

  @Test
  void closeNowWithWithdrawnBlocks() {
    PoolManager manager =
        PoolManager.builder()
            .pool("p", MemoryPool.builder().tier(64, 100).resizable().labels())
            .quota("q", 1 << 20, 0, false)
            .budgetBytes(1 << 20)
            .build();
    MemoryPool pool = manager.pool("p").chargedTo(manager.quota("q"));
    manager.setCount("p", 64, 10);
    List<MemoryBlock> live = all(pool);
    assertThat(live).hasSize(10);
    manager.closeNow();
    assertThat(manager.quota("").usedBytes()).isZero();
    assertThat(manager.budgetUsedBytes()).isZero();
    assertThat(pool.stats().labels()).containsExactly(new PoolStats.Label("", 10, 10, 0, 0, 1));
    assertThat(pool.stats().used()).as("when it was closed").isEqualTo(10);
  }

  /** At most 6 of at least 6 blocks are used: so no request may be refused. */
  @Test
  void noRequestIsRefusedBecauseCountsChange() throws Exception {
    SplittableRandom random = Seed.random("SetCountTest");
    SplittableRandom[] each = {random.split(), random.split(), random.split()};
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger changed = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    try (PoolManager manager = open(20, 1 << 20)) {
      MemoryPool pool = manager.pool("p");
      Threads.together(
          3,
          Thread.ofPlatform(),
          thread -> {
            try {
              for (int i = 0; i < 3_000 && !done.get(); i++) {
                if (thread == 0) {
                  change(manager, each[0], changed, refused);
                } else {
                  threeAtATime(pool, each[thread], thread);
                }
              }
            } finally {
              done.compareAndSet(false, thread == 0);
            }
          });
      assertThat(changed.get()).isPositive();
      assertThat(pool.stats().failed()).as("refused allocations").isZero();
      manager.setCount("p", 64, 20);
      assertCount(pool, 20);
    }
  }

  private static void change(
      PoolManager manager, SplittableRandom random, AtomicInteger changed, AtomicInteger refused) {
    int count = 1 + random.nextInt(40);
    try {
      manager.setCount("p", 64, Math.max(6, count));
      changed.incrementAndGet();
    } catch (IllegalStateException used) {
      assertThat(used).hasMessageContaining("are used");
      refused.incrementAndGet();
    }
  }

  private static void threeAtATime(MemoryPool pool, SplittableRandom random, int owner) {
    for (int i = 0; i < 100; i++) {
      List<MemoryBlock> live = new ArrayList<>();
      for (int j = random.nextInt(3); j >= 0; j--) {
        MemoryBlock block = pool.tryAllocate(64);
        if (block != null) {
          Tag.write(block.segment(), owner);
          live.add(block);
        }
      }
      for (MemoryBlock block : live) {
        Tag.check(block.segment(), owner);
        block.close();
      }
    }
  }

  /** What is asked for can never be had, as 3 blocks are used all the time. */
  @Test
  void noRequestIsRefusedBecauseOfAChangeThatIsRefused() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger refused = new AtomicInteger();
    try (PoolManager manager = open(4, 1 << 20)) {
      MemoryPool pool = manager.pool("p");
      List<MemoryBlock> held = List.of(pool.allocate(64), pool.allocate(64), pool.allocate(64));
      Threads.together(
          2,
          Thread.ofPlatform(),
          thread -> {
            if (thread == 0) {
              while (!done.get()) {
                assertThatThrownBy(() -> manager.setCount("p", 64, 2))
                    .hasMessageStartingWith("pool 'p' cannot have 2 blocks of 64 B now: ");
                refused.incrementAndGet();
              }
            } else {
              for (int i = 0; i < 20_000 || refused.get() == 0; i++) {
                pool.allocate(64).close();
              }
              done.set(true);
            }
          });
      assertThat(refused.get()).isPositive();
      held.forEach(MemoryBlock::close);
      assertCount(pool, 4);
    }
  }

  /** Locks of the regions and of the counts are taken by both, in one order. */
  @Test
  void countsChangeWhileRegionsComeAndGo() throws Exception {
    PoolManager manager =
        PoolManager.builder()
            .pool(
                "p",
                MemoryPool.builder()
                    .tier(64, 4)
                    .resizable()
                    .reserve(64)
                    .regions(1, 3, Duration.ZERO))
            .quota("q", 1 << 20, 0, false)
            .quota("alarm", 1 << 20, 0, true)
            .build();
    manager.setQuotaLimit("", Long.MAX_VALUE);
    MemoryPool pool = manager.pool("p").chargedTo(manager.quota("q"));
    Regions regions = requireNonNull(((PoolBase) manager.pool("p")).governor()).regions;
    Threads.together(
        3,
        Thread.ofPlatform(),
        thread -> {
          for (int i = 0; i < 2_000; i++) {
            switch (thread) {
              case 0 -> setCount(manager, 3 + i % 7);
              case 1 -> all(pool).forEach(MemoryBlock::close);
              default -> regions.trim(0, System.nanoTime());
            }
          }
        });
    assertThat(manager.verify()).allMatch(VerifyReport::ok);
    manager.setCount("p", 64, 100); // withdrawn blocks would keep their regions from being idle
    Threads.until(
        "one region",
        () -> {
          regions.trim(0, System.nanoTime());
          return regions.count() == 1;
        });
    manager.setRegions("p", 1, 1);
    int now = manager.pool("p").stats().tiers().getFirst().total();
    List<MemoryBlock> live = all(pool);
    assertThat(live).as("ordinary").hasSize(now - 1);
    live.addAll(all(manager.pool("p").chargedTo(manager.quota("alarm"))));
    assertThat(live).as("all").hasSize(now);
    live.forEach(MemoryBlock::close);
    assertThat(manager.quota("").usedBytes()).isZero();
    manager.close();
  }

  private static void setCount(PoolManager manager, int count) {
    try {
      manager.setCount("p", 64, count);
    } catch (IllegalStateException used) {
      assertThat(used).hasMessageContaining("cannot have");
    }
  }
}
