package io.cistern.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cistern.MemoryPool;
import io.cistern.PoolStats;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The pools of a factory that was given none. Time budget: 10 seconds. */
@Timeout(60)
class OwnPoolsTest {
  private static final long BUDGET = 256 << 20;
  private static final long REGION = BUDGET / 32;

  @Test
  void withoutArgumentsItServesWhateverTheHeapMayHave() {
    try (CisternAllocationManagerFactory ours = new CisternAllocationManagerFactory();
        RootAllocator root = Memory.root(ours);
        ArrowBuf small = root.buffer(100);
        ArrowBuf large = root.buffer(100 << 20)) {
      assertThat(small.memoryAddress() % 64).isZero();
      assertThat(large.memoryAddress() % 64).isZero();
      assertThat(ours.pools())
          .extracting(MemoryPool::name)
          .containsExactly("arrow-tiers", "arrow-any-size");
      assertThat(ours).hasToString("CisternAllocationManagerFactory[arrow-tiers, arrow-any-size]");
      assertThatThrownBy(ours::close)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("128");
    }
  }

  @Test
  void tiersFirstThenRegionsThenFallbackMemoryThenNothing() {
    try (CisternAllocationManagerFactory ours = new CisternAllocationManagerFactory(BUDGET);
        RootAllocator root = Memory.root(ours)) {
      List<ArrowBuf> live = new ArrayList<>();
      assertThat(any(ours).stats().regionBytes()).isZero();
      live.add(root.buffer(64 << 10));
      assertThat(any(ours).stats().regionBytes()).isZero();
      live.add(root.buffer(65 << 10));
      assertThat(any(ours).stats().regionBytes()).isGreaterThanOrEqualTo(REGION);
      live.add(root.buffer(BUDGET / 4));
      assertThat(any(ours).stats().fallback())
          .isNotNull()
          .returns(BUDGET / 4, PoolStats.Fallback::liveBytes);
      assertThatThrownBy(() -> root.buffer(BUDGET / 4 + 1))
          .isInstanceOf(OutOfMemoryException.class)
          .hasMessageContaining("pool 'arrow-any-size' is exhausted");
      assertThatThrownBy(() -> root.buffer(BUDGET / 2 + 1))
          .isInstanceOf(OutOfMemoryException.class)
          .hasMessageContaining(Long.toString(BUDGET / 2));
      live.forEach(ArrowBuf::close);
    }
  }

  @Test
  void whatATierCannotHoldGoesToTheRestAndIsNoFailure() {
    try (CisternAllocationManagerFactory ours = new CisternAllocationManagerFactory(BUDGET);
        RootAllocator root = Memory.root(ours)) {
      List<ArrowBuf> live = new ArrayList<>();
      for (long size = 1; size <= OwnPools.LARGEST_TIER; size *= 2) {
        int before = any(ours).stats().used();
        long tier = Math.max(size, OwnPools.SMALLEST_TIER);
        for (int i = 0; i < 2 * OwnPools.tierBytes(tier) / tier; i++) {
          live.add(root.buffer(size));
        }
        assertThat(any(ours).stats().used()).isGreaterThan(before);
      }
      assertThat(failed(ours)).isZero();
      live.forEach(ArrowBuf::close);
    }
  }

  @Test
  void aTierThatHasRoomAgainIsUsedAgain() {
    try (CisternAllocationManagerFactory ours = new CisternAllocationManagerFactory(BUDGET);
        RootAllocator root = Memory.root(ours)) {
      MemoryPool tiers = ours.pools().getFirst();
      List<ArrowBuf> live = new ArrayList<>();
      while (any(ours).stats().used() == 0) {
        live.add(root.buffer(64 << 10));
      }
      int full = tiers.usedBlocks(64 << 10);
      live.removeFirst().close();
      live.add(root.buffer(64 << 10));
      assertThat(tiers.usedBlocks(64 << 10)).isEqualTo(full);
      live.forEach(ArrowBuf::close);
      root.buffer(64 << 10).close();
      try (ArrowBuf again = root.buffer(64 << 10)) {
        assertThat(again.capacity()).isEqualTo(64 << 10);
        assertThat(tiers.usedBlocks(64 << 10)).isOne();
      }
      assertThat(failed(ours)).isZero();
    }
  }

  @Test
  void aBudgetThatIsTooSmallIsRefused() {
    assertThatThrownBy(() -> new CisternAllocationManagerFactory(1000))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("budget of 1000 B: at least 33554432 B are needed");
    try (CisternAllocationManagerFactory least =
            new CisternAllocationManagerFactory(OwnPools.LEAST_BUDGET);
        RootAllocator root = Memory.root(least)) {
      root.buffer(4 << 20).close();
    }
  }

  @Test
  void closingTwiceDoesNothing() {
    CisternAllocationManagerFactory ours = new CisternAllocationManagerFactory(BUDGET);
    ours.close();
    ours.close();
    assertThat(ours.pools()).allMatch(MemoryPool::isClosed);
  }

  /** A process has 255 regions: factories that nobody closes must not use them up. */
  @Test
  void factoriesThatNobodyClosesAreClosedByTheCollector() {
    MemoryPool[] abandoned = {abandon(), abandon()};
    await()
        .until(() -> {
          System.gc();
          return abandoned[0].isClosed() && abandoned[1].isClosed();
        });
  }

  private static MemoryPool abandon() {
    CisternAllocationManagerFactory ours = new CisternAllocationManagerFactory(BUDGET);
    Memory.root(ours).buffer(1000).close();
    return ours.pools().getFirst();
  }

  private static MemoryPool any(CisternAllocationManagerFactory ours) {
    return ours.pools().getLast();
  }

  private static long failed(CisternAllocationManagerFactory ours) {
    return ours.pools().stream()
        .map(MemoryPool::stats)
        .flatMap(stats -> stats.tiers().stream())
        .mapToLong(PoolStats.Tier::failed)
        .sum();
  }
}
