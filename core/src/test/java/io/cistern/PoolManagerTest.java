package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.InvalidFreeException.Reason;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Named pools under one budget: all or none, and what names and handles find. */
class PoolManagerTest {
  private static MemoryPool.Builder tier(long size, int count) {
    return MemoryPool.builder().tier(size, count);
  }

  private static PoolManager.Builder two() {
    return PoolManager.builder().pool("net", tier(1024, 4)).pool("disk", tier(4096, 100));
  }

  @Test
  void poolsAreFoundByNameInTheOrderOfDeclaration() {
    try (PoolManager manager = two().build()) {
      assertThat(manager.pool("net").maxSize()).isEqualTo(1024);
      assertThat(manager.pool("disk").maxSize()).isEqualTo(4096);
      assertThat(manager.pools()).extracting(MemoryPool::name).containsExactly("net", "disk");
      assertThat(manager.stats().pools())
          .extracting(PoolStats::pool)
          .containsExactly("net", "disk");
      assertThat(manager.verify()).hasSize(2).allMatch(VerifyReport::ok);
      assertThat(manager.dump()).containsSubsequence("pool 'net'", "pool 'disk'");
      assertThat(manager.regionBytes()).isEqualTo(4 * 1024 + 100 * 4096);
      assertThat(manager.budgetBytes()).isEqualTo(Long.MAX_VALUE);
      assertThatThrownBy(() -> manager.pools().clear())
          .isInstanceOf(UnsupportedOperationException.class);
      assertThatThrownBy(() -> manager.pool("Net"))
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessage("no pool is named 'Net'; there are: [net, disk]");
    }
  }

  @Test
  void theBudgetIsExactAndNothingIsOpenedBeyondIt() {
    long bytes = 4 * 1024 + 100 * 4096;
    try (PoolManager manager = two().budgetBytes(bytes).build()) {
      assertThat(manager.budgetBytes()).isEqualTo(bytes);
      assertThat(manager.regionBytes()).isEqualTo(bytes);
    }
    int openable = PoolIdsTest.openable();
    assertThatThrownBy(() -> two().budgetBytes(bytes - 1).build())
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessage("the pools need 413696 B but the budget is 413695 B");
    assertThat(PoolIdsTest.openable()).isEqualTo(openable);
  }

  @Test
  void theBudgetCountsRegionsNotBlocks() {
    PoolManager.Builder spaced =
        PoolManager.builder().budgetBytes(4096 + 4095).pool("p", tier(1, 2).alignment(4096));
    assertThatThrownBy(spaced::build).hasMessage("the pools need 8192 B but the budget is 8191 B");
  }

  @Test
  void aBudgetMustBePositive() {
    for (long wrong : new long[] {0, -1, Long.MIN_VALUE}) {
      assertThatThrownBy(() -> PoolManager.builder().budgetBytes(wrong))
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessage("budget of " + wrong + " B: at least 1 is needed");
    }
  }

  @Test
  void namesAreUniqueAndNotBlank() {
    assertThatThrownBy(() -> two().pool("net", tier(8, 1)))
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessage("two pools are named 'net'");
    assertThatThrownBy(() -> two().pool(" ", tier(8, 1)))
        .hasMessage("name is blank: give the pool a name that messages can show");
  }

  @Test
  void whenOnePoolFailsNoneIsLeftOpen() {
    int openable = PoolIdsTest.openable();
    assertThatThrownBy(() -> two().pool("wrong", tier(0, 1)).build())
        .hasMessage("tier of 0 B: a block must be from 1 to 1073741824 B");
    assertThatThrownBy(() -> two().pool("huge", tier(1 << 30, 1 << 20)).build())
        .isInstanceOf(OutOfMemoryError.class);
    assertThat(PoolIdsTest.openable()).isEqualTo(openable);
  }

  @Test
  void oneBuilderServesUnderSeveralNames() {
    MemoryPool.Builder template = tier(64, 2).name("template");
    PoolManager.Builder builder = PoolManager.builder().pool("a", template).pool("b", template);
    template.tier(128, 1);
    try (PoolManager manager = builder.build()) {
      assertThat(manager.pool("a").maxSize()).isEqualTo(64);
      assertThat(manager.pool("a").name()).isEqualTo("a");
      assertThat(manager.pool("b").name()).isEqualTo("b");
      assertThat(manager.pool("a")).isNotSameAs(manager.pool("b"));
    }
  }

  @Test
  void aHandleFindsItsPool() {
    try (PoolManager manager = two().build();
        MemoryPool stranger = tier(8, 1).build()) {
      long net = manager.pool("net").allocateHandle(1);
      long disk = manager.pool("disk").allocateHandle(1);
      manager.free(MemoryPool.NO_HANDLE);
      manager.free(disk);
      manager.free(net);
      assertThat(manager.stats().pools()).allMatch(stats -> stats.frees() == 1);
      assertReason(Reason.DOUBLE_FREE, manager, net);
      long foreign = stranger.allocateHandle(8);
      InvalidFreeException refused = assertReason(Reason.FOREIGN, manager, foreign);
      assertThat(refused)
          .hasMessage(
              "FOREIGN: handle 0x%016x is of none of the pools [net, disk]".formatted(foreign));
      assertThat(stranger.isLive(foreign)).isTrue();
      stranger.free(foreign);
    }
  }

  private static InvalidFreeException assertReason(
      Reason reason, PoolManager manager, long handle) {
    try {
      manager.free(handle);
    } catch (InvalidFreeException refused) {
      assertThat(refused.reason()).isEqualTo(reason);
      return refused;
    }
    throw new AssertionError("freed");
  }

  @Test
  void closeClosesAllOrNone() {
    for (String busy : new String[] {"net", "disk"}) {
      PoolManager manager = two().build();
      MemoryBlock block = manager.pool(busy).allocate(1);
      assertThatThrownBy(manager::close)
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("pool '" + busy + "' stays open: 1 live blocks: 1 of ");
      assertThat(manager.pools()).noneMatch(MemoryPool::isClosed);
      block.close();
      manager.close();
      assertThat(manager.pools()).allMatch(MemoryPool::isClosed);
      manager.close();
      assertThat(manager.stats().pools()).hasSize(2);
    }
  }

  @Test
  void closeNowClosesAll() {
    PoolManager manager = two().build();
    MemoryBlock block = manager.pool("net").allocate(1);
    manager.closeNow();
    assertThat(manager.pools()).allMatch(MemoryPool::isClosed);
    assertThat(block.isLive()).isFalse();
    manager.close();
  }

  @Test
  void aManagerMayBeEmpty() {
    try (PoolManager manager = PoolManager.builder().budgetBytes(1).build()) {
      assertThat(manager.regionBytes()).isZero();
      assertThatThrownBy(() -> manager.pool("any"))
          .hasMessage("no pool is named 'any'; there are: []");
      assertThatThrownBy(() -> manager.free(5)).isInstanceOf(InvalidFreeException.class);
    }
  }

  @Test
  void aSnapshotShowsPoolsQuotasAndTheWholeAndMovesNothing() {
    try (PoolManager manager =
        PoolManager.builder()
            .budgetBytes(1 << 20)
            .quota("network", 4096, 1024, false)
            .quota("network/tcp", 2048, 0, false)
            .quota("disk", 8192, 0, true)
            .pool("net", MemoryPool.builder().tier(64, 10))
            .pool("disk", MemoryPool.builder().tier(128, 10))
            .build()) {
      List<MemoryBlock> blocks = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        blocks.add(manager.pool("net").allocate(64));
        blocks.add(manager.pool("disk").allocate(128));
      }
      ManagerStats stats = manager.stats();
      assertThat(stats.pools()).extracting(PoolStats::used).containsExactly(10, 10);
      assertThat(stats.quotas())
          .extracting(ManagerStats.OfQuota::path)
          .containsExactly("network", "network/tcp", "disk");
      assertThat(stats.quotas().getFirst())
          .isEqualTo(new ManagerStats.OfQuota("network", 4096, 1024, 0, 0, 0, false));
      assertThat(stats.regionBytes()).isEqualTo(manager.regionBytes());
      assertThat(stats.budgetBytes()).isEqualTo(1 << 20);
      assertThat(stats.fallbackLimitBytes()).isZero();
      assertThat(stats.budgetUsedBytes()).isEqualTo(manager.budgetUsedBytes());
      assertThat(stats.pressure()).isEqualTo(PressureLevel.CRITICAL);
      List<ManagerPressure> told = new ArrayList<>();
      ManagerListener listener =
          new ManagerListener() {
            @Override
            public void onPressureChanged(ManagerPressure change) {
              synchronized (told) {
                told.add(change);
              }
            }
          };
      manager.addListener(listener);
      manager.pressure(); // whoever looks first tells; the snapshot had not moved it
      synchronized (told) {
        assertThat(told).anyMatch(ManagerPressure::turnsCritical);
      }
      blocks.forEach(MemoryBlock::close);
      assertThat(manager.stats().pressure()).isEqualTo(PressureLevel.NORMAL);
    }
  }
}
