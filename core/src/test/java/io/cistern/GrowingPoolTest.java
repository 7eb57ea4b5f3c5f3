package io.cistern;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cistern.InvalidFreeException.Reason;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pools whose regions come and go. Time budget: 8 seconds. */
@Timeout(60)
class GrowingPoolTest {
  private static final Duration LONG = Duration.ofSeconds(15);
  private static final Duration NEVER = Duration.ofDays(1);
  private static final int REGION = 4 * 64;
  private static final int TRIMMED = 15;

  private static MemoryPool.Builder tier(int least, int most, Duration idle) {
    return MemoryPool.builder().name("p").tier(64, 4).regions(least, most, idle);
  }

  private static List<MemoryBlock> all(MemoryPool pool, long size) {
    List<MemoryBlock> blocks = new ArrayList<>();
    for (MemoryBlock block = pool.tryAllocate(size);
        block != null;
        block = pool.tryAllocate(size)) {
      blocks.add(block);
    }
    return blocks;
  }

  private static void untilTrimmed(MemoryPool pool, int count) {
    Threads.until("trimmed", () -> pool.stats().regions().count() == count);
  }

  @Test
  void itGrowsUpToTheMostAndGoesBackToTheLeast() {
    try (MemoryPool pool = tier(1, 3, Duration.ZERO).build()) {
      assertThat(pool.stats().regions()).isEqualTo(new PoolStats.Regions(1, 0, 0));
      List<MemoryBlock> live = all(pool, 64);
      assertThat(live).hasSize(12);
      for (int i = 0; i < 12; i++) {
        Tag.write(live.get(i).segment(), i);
      }
      for (int i = 0; i < 12; i++) {
        Tag.check(live.get(i).segment(), i);
      }
      PoolStats stats = pool.stats();
      assertThat(stats.regions()).isEqualTo(new PoolStats.Regions(3, 2, 0));
      assertThat(stats.regionBytes()).isEqualTo(3 * REGION);
      assertThat(stats.tiers().getFirst().total()).isEqualTo(12);
      assertThat(stats.failed()).isOne();
      live.forEach(MemoryBlock::close);
      untilTrimmed(pool, 1);
      PoolStats.Tier after = pool.stats().tiers().getFirst();
      assertThat(pool.stats().regions()).isEqualTo(new PoolStats.Regions(1, 2, 2));
      assertThat(after.allocations()).isEqualTo(12);
      assertThat(after.frees()).isEqualTo(12);
      assertThat(after.requestedBytes()).isEqualTo(12 * 64);
      assertThat(after.peakUsed()).isEqualTo(12);
      assertThat(after.total()).isEqualTo(4);
      assertThat(pool.stats().regionBytes()).isEqualTo(REGION);
      MemoryPoolContract.assertInOrder(pool);
    }
  }

  @Test
  void ofAnySizeToo() {
    try (MemoryPool pool =
        MemoryPool.builder().variable(1024).regions(0, 2, Duration.ZERO).build()) {
      List<MemoryBlock> live = all(pool, 512);
      assertThat(live).hasSize(4);
      assertThat(pool.tryAllocate(1)).isNull();
      live.forEach(MemoryBlock::close);
      untilTrimmed(pool, 0);
      assertThat(requireNonNull(pool.stats().variable()).allocations()).isEqualTo(4);
      assertThat(requireNonNull(pool.stats().variable()).frees()).isEqualTo(4);
      assertThat(requireNonNull(pool.stats().variable()).peakUsedBytes()).isEqualTo(2048);
      assertThat(pool.stats().regionBytes()).isZero();
      pool.allocate(1024).close(); // the region may have gone again before it was looked at
      assertThat(pool.stats().regions().grown()).isGreaterThanOrEqualTo(3);
    }
  }

  @Test
  void whatIsInUseIsNotTrimmed() {
    try (MemoryPool pool = tier(0, 3, Duration.ZERO).build()) {
      List<MemoryBlock> live = all(pool, 64);
      MemoryBlock last = live.removeLast();
      last.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 42);
      live.forEach(MemoryBlock::close);
      untilTrimmed(pool, 1); // its own stays
      assertThat(last.isLive()).isTrue();
      assertThat(last.segment().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 42);
      last.close();
      untilTrimmed(pool, 0);
      assertThat(pool.stats().allocations()).isEqualTo(12).isEqualTo(pool.stats().frees());
    }
  }

  @Test
  void handlesOfATrimmedRegionAreRefused() {
    try (MemoryPool pool = tier(0, 1, Duration.ZERO).build();
        MemoryPool stranger = MemoryPool.builder().name("s").tier(64, 4).build()) {
      MemoryBlock block = pool.allocate(64);
      long handle = block.handle();
      MemorySegment segment = block.segment();
      block.close();
      untilTrimmed(pool, 0);
      assertThatThrownBy(() -> pool.free(handle))
          .isInstanceOfSatisfying(
              InvalidFreeException.class,
              refused -> assertThat(refused.reason()).isEqualTo(Reason.FOREIGN));
      assertThat(pool.isLive(handle)).isFalse();
      assertThatThrownBy(() -> pool.segment(handle)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> pool.free(segment)).isInstanceOf(InvalidFreeException.class);
      assertThatThrownBy(() -> segment.get(ValueLayout.JAVA_BYTE, 0))
          .isExactlyInstanceOf(IllegalStateException.class);
      MemoryBlock next = pool.allocate(64);
      assertThatThrownBy(() -> pool.free(handle)).isInstanceOf(InvalidFreeException.class);
      long foreign = stranger.allocateHandle(1);
      assertThatThrownBy(() -> pool.free(foreign)).isInstanceOf(InvalidFreeException.class);
      assertThat(next.isLive()).isTrue();
      next.close();
      stranger.free(foreign);
    }
  }

  @Test
  void aBlockOfATrimmedRegionIsNotFreedTwiceUnseen() {
    try (MemoryPool pool = tier(0, 1, Duration.ZERO).build()) {
      MemoryBlock block = pool.allocate(64);
      block.close();
      untilTrimmed(pool, 0);
      assertThat(block.isLive()).isFalse();
      assertThatThrownBy(block::close).isInstanceOf(InvalidFreeException.class);
    }
  }

  @Test
  void theBudgetIsOverAllRegions() {
    PoolManager manager =
        PoolManager.builder()
            .pool("a", tier(1, 3, NEVER))
            .pool("b", tier(0, 3, NEVER))
            .budgetBytes(3 * REGION)
            .build();
    assertThat(manager.budgetUsedBytes()).isEqualTo(REGION);
    List<MemoryBlock> live = all(manager.pool("a"), 64);
    assertThat(live).hasSize(12);
    assertThat(manager.budgetUsedBytes()).isEqualTo(3 * REGION);
    assertThat(manager.pool("b").tryAllocate(64)).isNull();
    assertThatThrownBy(() -> manager.setBudget(3 * REGION - 1))
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage("a budget of 767 B is less than the 768 B that are taken");
    manager.setBudget(4 * REGION);
    live.addAll(all(manager.pool("b"), 64));
    assertThat(live).hasSize(16);
    manager.closeNow();
    assertThat(manager.budgetUsedBytes()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void twoPoolsRaceForTheLastRegion(boolean toClose) throws Exception {
    for (int round = 0; round < 300; round++) {
      PoolManager manager =
          PoolManager.builder()
              .pool("a", tier(1, 2, NEVER))
              .pool("b", tier(1, 2, NEVER))
              .budgetBytes(3 * REGION)
              .build();
      List<List<MemoryBlock>> live = List.of(new ArrayList<>(), new ArrayList<>());
      Threads.together(
          2,
          Thread.ofPlatform(),
          thread -> {
            live.get(thread).addAll(all(manager.pool(thread == 0 ? "a" : "b"), 64));
            assertThat(manager.budgetUsedBytes()).isLessThanOrEqualTo(3 * REGION);
          });
      assertThat(live.get(0).size() + live.get(1).size()).isEqualTo(12);
      assertThat(manager.regionBytes()).isEqualTo(3 * REGION);
      if (toClose) {
        live.forEach(MemoryPoolContract::freeAll);
        manager.close();
      } else {
        manager.closeNow();
      }
      assertThat(manager.budgetUsedBytes()).isZero();
    }
  }

  @Test
  void aBlockOfARegionThatComesIsHandedOverOnce() throws Exception {
    for (int round = 0; round < 50; round++) {
      PoolManager manager =
          PoolManager.builder().pool("p", tier(1, 2, NEVER)).budgetBytes(REGION).build();
      MemoryPool pool = manager.pool("p");
      List<MemoryBlock> live = all(pool, 64);
      List<FutureTask<MemoryBlock>> waiters = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        waiters.add(Threads.start(Thread.ofVirtual(), () -> pool.allocate(64, LONG)));
        Threads.untilWaiting(pool, i + 1);
      }
      manager.setBudget(2 * REGION);
      live.add(pool.allocate(64)); // serves those who wait, and so grows
      for (FutureTask<MemoryBlock> waiter : waiters) {
        live.add(Threads.get(waiter));
      }
      assertThat(pool.stats().used()).as("none was handed over twice").isEqualTo(7);
      live.forEach(MemoryBlock::close);
      MemoryPoolContract.assertInOrder(pool);
      manager.close();
    }
  }

  @Test
  void whoWaitsIsServedOnceTheBudgetAllowsIt() throws Exception {
    for (int least : new int[] {0, 1}) {
      PoolManager manager =
          PoolManager.builder()
              .pool("p", tier(least, 2, NEVER))
              .budgetBytes(Math.max(1, least * REGION))
              .build();
      MemoryPool pool = manager.pool("p");
      List<MemoryBlock> live = all(pool, 64);
      assertThat(live).hasSize(least * 4);
      FutureTask<MemoryBlock> waiter =
          Threads.start(Thread.ofPlatform(), () -> pool.allocate(64, LONG));
      Threads.untilWaiting(pool, 1);
      manager.setBudget(2 * REGION);
      live.add(Threads.get(waiter));
      live.forEach(MemoryBlock::close);
      manager.close();
      assertThat(manager.budgetUsedBytes()).isZero();
    }
  }

  @Test
  void boundsChangeOrNothingDoes() {
    PoolManager manager =
        PoolManager.builder()
            .pool("p", tier(1, 1, NEVER).labels())
            .pool("off", tier(1, 3, NEVER).enabled(false).fallback(8))
            .build();
    MemoryPool pool = manager.pool("p");
    for (String fixed : List.of("p", "off")) {
      assertThatThrownBy(() -> manager.setRegions(fixed, 3, 3))
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage(
              "pool '%s' cannot change that while it is used: build it with regions"
                  .formatted(fixed));
    }
    assertThatThrownBy(() -> manager.setCount("p", 64, 3))
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage("pool 'p' cannot change that while it is used: build it with resizable");
    manager.close();
    PoolManager other =
        PoolManager.builder().pool("p", tier(1, 2, NEVER)).budgetBytes(3 * REGION).build();
    MemoryPool grows = other.pool("p");
    assertThatThrownBy(() -> other.setRegions("p", 4, 4))
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage("pool 'p' has 1 regions of 256 B: 4 are not in the budget");
    assertThat(grows.stats().regions()).isEqualTo(new PoolStats.Regions(1, 0, 0));
    assertThat(other.budgetUsedBytes()).isEqualTo(REGION);
    other.setRegions("p", 3, 3);
    assertThat(grows.freeBlocks(64)).isEqualTo(12);
    assertThatThrownBy(() -> other.setRegions("p", 1, 2))
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage("pool 'p' has 3 regions: it cannot be limited to 2 before others are idle");
    for (int[] wrong : new int[][] {{-1, 1}, {0, 0}, {2, 1}, {1, 201}}) {
      assertThatThrownBy(() -> other.setRegions("p", wrong[0], wrong[1]))
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("from %d to %d regions".formatted(wrong[0], wrong[1]));
    }
    other.close();
    assertThatThrownBy(() -> other.setRegions("p", 4, 5))
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage("pool 'p' is closed");
    assertThat(other.budgetUsedBytes()).isZero();
    assertThat(pool.isClosed()).isTrue();
  }

  @Test
  void itNeedsOneThreadForEachThatUsesIt() {
    int openable = PoolIdsTest.openable();
    assertThatThrownBy(() -> tier(1, 2, NEVER).fallback(8).confined().build())
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessage("pool 'p' is confined to a thread: from 1 to 2 regions cannot come and go");
    assertThat(PoolIdsTest.openable()).isEqualTo(openable);
    try (PoolManager manager =
        PoolManager.builder().pool("p", tier(2, 2, NEVER).confined()).build()) {
      List<MemoryBlock> live = all(manager.pool("p"), 64);
      assertThat(live).hasSize(8);
      assertThatThrownBy(() -> manager.setRegions("p", 2, 3))
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("from 2 to 3 regions cannot come and go");
      manager.setRegions("p", 3, 3);
      live.addAll(all(manager.pool("p"), 64));
      assertThat(live).hasSize(12);
      live.forEach(MemoryBlock::close);
    }
  }

  /** Nobody keeps a block for long, so that regions come and go all the time. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void trimmingAgainstAllocating(boolean variable) throws Exception {
    MemoryPool.Builder builder = tier(0, 3, Duration.ZERO).labels();
    MemoryPool pool =
        (variable
                ? MemoryPool.builder()
                    .name("p")
                    .variable(REGION)
                    .regions(0, 3, Duration.ZERO)
                    .labels()
                : builder)
            .build();
    Regions regions = requireNonNull(((PoolBase) pool).governor()).regions;
    AtomicBoolean done = new AtomicBoolean();
    AtomicLong allocated = new AtomicLong();
    Threads.together(
        3,
        Thread.ofPlatform(),
        thread -> {
          try {
            if (thread == 0) {
              while (regions.trimmed() < TRIMMED && !done.get()) {
                regions.trim(0, System.nanoTime());
              }
            } else {
              allocated.addAndGet(use(pool, thread, done));
            }
          } finally {
            done.set(true);
          }
        });
    PoolStats stats = pool.stats();
    assertThat(stats.regions().trimmed()).as("regions that went").isGreaterThanOrEqualTo(TRIMMED);
    assertThat(stats.failed()).as("2 threads take 2 of 12 blocks").isZero();
    assertThat(stats.allocations()).isEqualTo(allocated.get()).isEqualTo(stats.frees());
    assertThat(stats.labels())
        .containsExactly(new PoolStats.Label("", allocated.get(), allocated.get(), 0, 0, 0));
    pool.close();
  }

  private static int use(MemoryPool pool, int owner, AtomicBoolean done) {
    int allocated = 0;
    while (!done.get()) {
      try (MemoryBlock block = pool.allocate(64)) {
        Tag.write(block.segment(), owner);
        Tag.check(block.segment(), owner);
      }
      allocated++;
    }
    return allocated;
  }

  /** Blocks that live for less than a look are seen by none: that the pool grew is remembered. */
  @Test
  void noRegionIsTrimmedSoonerAfterGrowthThanItsTime() {
    Duration idle = Duration.ofMillis(400);
    try (MemoryPool pool = MemoryPool.builder().tier(64, 4).regions(1, 2, idle).build()) {
      long opened = System.nanoTime();
      await().until(() -> System.nanoTime() - opened > idle.toNanos());
      long grown = System.nanoTime();
      List<MemoryBlock> burst = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        burst.add(pool.allocate(64));
      }
      burst.forEach(MemoryBlock::close);
      await().until(() -> pool.stats().regions().count() == 1);
      assertThat(System.nanoTime() - grown).isGreaterThanOrEqualTo(idle.toNanos());
      assertThat(pool.stats().regions().trimmed()).isEqualTo(1);
    }
  }
}
