package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The figures of every tier of a pool at rest: exact. */
@EveryTieredKind
class TierStatsContractTest extends MemoryPoolContract {
  TierStatsContractTest(PoolKind kind) {
    super(kind);
  }

  @Test
  void aNewTierHasUsedNothing() {
    PoolStats stats = pool.stats();
    assertThat(stats.tiers()).hasSameSizeAs(kind.tiers());
    for (int i = 0; i < kind.tiers().size(); i++) {
      MemoryPool.Builder.TierSpec spec = kind.tiers().get(i);
      assertThat(stats.tiers().get(i))
          .isEqualTo(
              new PoolStats.Tier(
                  spec.size(),
                  spec.label(),
                  spec.count(),
                  spec.count(),
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  PressureLevel.NORMAL));
    }
  }

  @Test
  void everyTierCountsItsOwn() {
    List<MemoryBlock> all = takeAll();
    for (PoolStats.Tier tier : pool.stats().tiers()) {
      assertThat(tier.used()).isEqualTo(tier.total());
      assertThat(tier.free()).isZero();
      assertThat(tier.peakUsed()).isEqualTo(tier.total());
      assertThat(tier.allocations()).isEqualTo(tier.total());
      assertThat(tier.frees()).isZero();
      assertThat(pool.usedBlocks(tier.blockSizeBytes())).isEqualTo(tier.total());
      assertThat(pool.freeBlocks(tier.blockSizeBytes())).isZero();
      assertThat(tier.requestedBytes()).isEqualTo(tier.total() * tier.blockSizeBytes());
      assertThat(tier.grantedBytes()).isEqualTo(tier.requestedBytes());
      assertThat(tier.internalFragmentationPercent()).isZero();
      assertThat(tier.utilizationPercent()).isEqualTo(100);
      assertThat(tier.pressure()).isEqualTo(PressureLevel.CRITICAL);
    }
    freeAll(all);
  }

  @Test
  void spillsAreCountedWhereTheyLeaveAndWhereTheyArrive() {
    List<MemoryBlock> blocks = exhaust(1);
    PoolStats stats = pool.stats();
    PoolStats.Tier fitting = stats.tiers().getFirst();
    int elsewhere = blocks.size() - fitting.total();
    assertThat(fitting.spilledOut()).isEqualTo(elsewhere);
    assertThat(fitting.spilledIn()).isZero();
    assertThat(stats.spills()).isEqualTo(elsewhere);
    for (PoolStats.Tier tier : stats.tiers().subList(1, stats.tiers().size())) {
      assertThat(tier.spilledIn()).isEqualTo(tier.used());
      assertThat(tier.spilledOut()).isZero();
    }
    freeAll(blocks);
  }

  @Test
  void thePeakStaysWhenBlocksAreFreedAndIsExactUpTo64Blocks() {
    for (int t = 0; t < kind.tiers().size(); t++) {
      MemoryPool.Builder.TierSpec tier = kind.tiers().get(t);
      int most = Math.min(64, tier.count()) / 2 + 1;
      List<MemoryBlock> blocks = new ArrayList<>();
      for (int i = 0; i < Math.min(most, tier.count()); i++) {
        blocks.add(pool.allocate(tier.size()));
      }
      int expected = blocks.size();
      freeAll(blocks);
      int peak = pool.stats().tiers().get(t).peakUsed();
      if (tier.count() <= 64) {
        assertThat(peak).isEqualTo(expected);
      } else {
        assertThat(peak).isBetween(1, expected);
      }
    }
  }

  @Test
  void theDumpShowsEveryTier() {
    List<MemoryBlock> all = takeAll();
    String dump = pool.dump();
    for (MemoryPool.Builder.TierSpec tier : kind.tiers()) {
      assertThat(dump)
          .containsPattern(
              " {2,}%,d +%d +%d +0 +%2$d ".formatted(tier.size(), tier.count(), tier.count()))
          .contains(tier.label());
    }
    freeAll(all);
  }
}
