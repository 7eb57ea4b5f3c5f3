package io.cistern;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bytes that only critical owners get, whatever a pool is made of. Time budget: 2 seconds. */
@Timeout(30)
class PoolReserveTest {
  private static final Duration LONG = Duration.ofSeconds(15);
  private static final Duration NEVER = Duration.ofDays(1);

  private static PoolManager open(MemoryPool.Builder pool) {
    PoolManager manager =
        PoolManager.builder()
            .pool("p", pool)
            .quota("alarm", 1 << 30, 0, true)
            .quota("alarm/fire", 1 << 30, 0, false)
            .quota("log", 1 << 30, 0, false)
            .build();
    manager.setQuotaLimit("", Long.MAX_VALUE);
    return manager;
  }

  private static MemoryPool view(PoolManager manager, String quota) {
    return manager.pool("p").chargedTo(manager.quota(quota));
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

  private static void close(PoolManager manager, List<MemoryBlock> blocks) {
    blocks.forEach(MemoryBlock::close);
    MemoryPoolContract.assertInOrder(manager.pool("p"));
    for (Quota quota : manager.quota("").children()) {
      assertThat(quota.usedBytes()).isZero();
    }
    manager.close();
  }

  @Test
  void wholeBlocksOfEachTierAreKept() {
    PoolManager manager =
        open(MemoryPool.builder().tier(64, 10).tier(256, 10).reserve(100).spill(Spill.OFF));
    List<MemoryBlock> live = new ArrayList<>(all(view(manager, "log"), 64));
    assertThat(live).as("100 B are 2 blocks of 64 B").hasSize(8);
    live.addAll(all(view(manager, "log"), 256));
    assertThat(live).as("and one of 256 B").hasSize(8 + 9);
    assertThat(manager.pool("p").tryAllocate(1)).as("nobody is ordinary").isNull();
    assertThatThrownBy(() -> view(manager, "log").allocate(64))
        .isExactlyInstanceOf(PoolExhaustedException.class)
        .hasMessageContaining("64 B");
    live.addAll(all(view(manager, "alarm/fire"), 64));
    assertThat(live).hasSize(8 + 9 + 2);
    live.addAll(all(view(manager, "alarm"), 256));
    assertThat(live).hasSize(20);
    close(manager, live);
  }

  @Test
  void whatCriticalOwnersTakeFirstIsNotTakenFromTheirs() {
    PoolManager manager = open(MemoryPool.builder().tier(64, 10).reserve(128));
    List<MemoryBlock> live = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      live.add(view(manager, "alarm").allocate(64));
    }
    live.addAll(all(view(manager, "log"), 64));
    assertThat(live).as("all but none: 5 are critical, 8 may be ordinary").hasSize(10);
    close(manager, live);
  }

  @Test
  void aReserveOfAllKeepsAll() {
    PoolManager manager = open(MemoryPool.builder().tier(64, 2).reserve(1 << 20));
    assertThat(view(manager, "log").tryAllocate(1)).isNull();
    List<MemoryBlock> live = all(view(manager, "alarm"), 1);
    assertThat(live).hasSize(2);
    close(manager, live);
  }

  @Test
  void ofAnySizeItIsBytes() {
    PoolManager manager = open(MemoryPool.builder().variable(1024).reserve(100));
    MemoryBlock most = view(manager, "log").allocate(920);
    assertThat(view(manager, "log").tryAllocate(8)).as("100 B would be 96").isNull();
    assertThat(most.tryResize(924)).as("nor by a resize").isFalse();
    MemoryBlock alarm = view(manager, "alarm").allocate(104);
    assertThat(most.tryResize(8)).isTrue();
    MemoryBlock more = view(manager, "log").allocate(912);
    close(manager, List.of(most, alarm, more));
  }

  @Test
  void itStaysWholeWhenRegionsComeAndGo() {
    PoolManager manager =
        open(MemoryPool.builder().tier(64, 4).reserve(128).regions(1, 2, Duration.ZERO));
    MemoryPool pool = manager.pool("p");
    List<MemoryBlock> live = all(view(manager, "log"), 64);
    assertThat(live).as("two regions of 4, less 2").hasSize(6);
    List<MemoryBlock> critical = all(view(manager, "alarm"), 64);
    assertThat(critical).hasSize(2);
    critical.forEach(MemoryBlock::close);
    live.forEach(MemoryBlock::close);
    Threads.until("trimmed", () -> pool.stats().regions().count() == 1);
    manager.setRegions("p", 1, 1);
    live = all(view(manager, "log"), 64);
    assertThat(live).as("one region of 4, less 2").hasSize(2);
    live.addAll(all(view(manager, "alarm"), 64));
    assertThat(live).hasSize(4);
    close(manager, live);
  }

  @Test
  void aRegionIsNotTrimmedIfOrdinaryOwnersHaveTooMuch() {
    PoolManager manager =
        open(MemoryPool.builder().tier(64, 4).reserve(128).regions(1, 2, Duration.ZERO));
    List<MemoryBlock> live = new ArrayList<>(all(view(manager, "log"), 64).subList(0, 6));
    live.subList(4, 6).forEach(MemoryBlock::close); // the second region is idle
    live.subList(4, 6).clear();
    Regions regions = requireNonNull(((PoolBase) manager.pool("p")).governor()).regions;
    regions.trim(0, System.nanoTime());
    assertThat(regions.count()).isEqualTo(2);
    List<MemoryBlock> critical = all(view(manager, "alarm"), 64);
    assertThat(critical).hasSize(4);
    live.addAll(critical);
    close(manager, live);
  }

  @Test
  void aCountIsNotLoweredIfOrdinaryOwnersHaveTooMuch() {
    PoolManager manager = open(MemoryPool.builder().tier(64, 10).reserve(128).resizable());
    MemoryPool log = view(manager, "log");
    List<MemoryBlock> live = all(log, 64);
    assertThat(live).hasSize(8);
    assertThatThrownBy(() -> manager.setCount("p", 64, 9))
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage(
            "pool 'p' cannot have 9 blocks of 64 B now: 8 are used, and the reserve must stay whole");
    live.removeLast().close();
    manager.setCount("p", 64, 9);
    assertThat(log.tryAllocate(1)).isNull();
    manager.setCount("p", 64, 11);
    List<MemoryBlock> more = all(log, 64);
    assertThat(more).as("9 of 11 may be ordinary").hasSize(2);
    live.addAll(more);
    List<MemoryBlock> critical = all(view(manager, "alarm"), 64);
    assertThat(critical).hasSize(2);
    live.addAll(critical);
    close(manager, live);
  }

  @Test
  void aRefusedCountLeavesOrdinaryOwnersWhatTheyHad() {
    PoolManager manager = open(MemoryPool.builder().tier(64, 10).reserve(64).resizable());
    List<MemoryBlock> critical = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      critical.add(view(manager, "alarm").allocate(64));
    }
    assertThatThrownBy(() -> manager.setCount("p", 64, 5))
        .hasMessage("pool 'p' cannot have 5 blocks of 64 B now: 6 are used");
    critical.forEach(MemoryBlock::close);
    List<MemoryBlock> live = all(view(manager, "log"), 64);
    assertThat(live).hasSize(9);
    close(manager, live);
  }

  @Test
  void aRefusedCloseLeavesOrdinaryOwnersWhatTheyHad() {
    PoolManager manager = open(MemoryPool.builder().tier(64, 10).reserve(64).resizable());
    manager.setCount("p", 64, 4);
    MemoryBlock held = view(manager, "log").allocate(1);
    assertThatThrownBy(manager::close)
        .hasMessageStartingWith("pool 'p' stays open: 1 live blocks: 1 of 64 B");
    assertThat(manager.pool("p").freeBlocks(64)).isEqualTo(3);
    List<MemoryBlock> live = all(view(manager, "log"), 64);
    assertThat(live).as("3 of 4 may be ordinary").hasSize(2);
    live.add(held);
    close(manager, live);
  }

  /** In a pool of any size what is free is kept for the first that waits. */
  @Test
  void anOrdinaryOneThatWaitsKeepsNothingFromCriticalOwners() throws Exception {
    PoolManager manager = open(MemoryPool.builder().variable(1024).reserve(512));
    MemoryPool log = view(manager, "log");
    MemoryBlock held = log.allocate(512);
    FutureTask<MemoryBlock> waiter =
        Threads.start(Thread.ofPlatform(), () -> log.allocate(8, LONG));
    Threads.untilWaiting(manager.pool("p"), 1);
    try (MemoryBlock alarm = view(manager, "alarm").allocate(8);
        MemoryBlock waited = view(manager, "alarm").allocate(8, LONG)) {
      assertThat(alarm.isLive() && waited.isLive()).isTrue();
      assertThat(log.tryAllocate(8)).isNull();
    }
    held.close();
    close(manager, List.of(Threads.get(waiter)));
  }

  @Test
  void idleRegionsOfAPoolWithAReserveComeBack() {
    PoolManager manager =
        open(MemoryPool.builder().variable(1024).reserve(24).regions(0, 2, NEVER));
    MemoryBlock first = view(manager, "log").allocate(1000);
    assertThat(view(manager, "alarm").allocate(24).byteSize()).isEqualTo(24);
    MemoryBlock second = view(manager, "log").allocate(1000);
    assertThat(second.isLive()).isTrue();
    manager.closeNow();
    assertThat(first.isLive()).isFalse();
    assertThat(manager.quota("").usedBytes()).isZero();
  }
}
