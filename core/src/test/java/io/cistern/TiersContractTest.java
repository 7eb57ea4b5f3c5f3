package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which tiers serve a request, and how many requests of a size succeed. */
@EveryTieredKind
class TiersContractTest extends MemoryPoolContract {
  TiersContractTest(PoolKind kind) {
    super(kind);
  }

  /** Tiers that serve a request that fits in the given one, itself included. */
  private List<MemoryPool.Builder.TierSpec> reach(int fitting) {
    List<MemoryPool.Builder.TierSpec> tiers = kind.tiers();
    int end =
        switch (kind.builder().spill) {
          case OFF -> fitting + 1;
          case NEXT -> Math.min(fitting + 2, tiers.size());
          case ANY -> tiers.size();
        };
    return tiers.subList(fitting, end);
  }

  @Test
  void everySizeGetsTheSmallestTierThatFits() {
    for (long size : kind.sizes()) {
      try (MemoryBlock block = pool.allocate(size)) {
        assertThat(usedTier())
            .as("tier for %d B", size)
            .isEqualTo(
                kind.tiers().stream().filter(t -> t.size() >= size).findFirst().get().size());
        assertThat(block.byteSize()).isEqualTo(size);
      }
    }
  }

  private long usedTier() {
    List<PoolStats.Tier> used =
        pool.stats().tiers().stream().filter(tier -> tier.used() == 1).toList();
    assertThat(used).hasSize(1);
    return used.getFirst().blockSizeBytes();
  }

  @Test
  void everyTierServesAllItsBlocksAndThenThoseItMaySpillTo() {
    for (int tier = 0; tier < kind.tiers().size(); tier++) {
      List<MemoryBlock> blocks = exhaust(kind.tiers().get(tier).size());
      assertThat(blocks)
          .hasSize(reach(tier).stream().mapToInt(MemoryPool.Builder.TierSpec::count).sum());
      freeAll(blocks);
    }
  }

  @Test
  void smallerTiersServeFirst() {
    for (int tier = 0; tier < kind.tiers().size(); tier++) {
      List<MemoryBlock> blocks = new ArrayList<>();
      long size = kind.tiers().get(tier).size();
      for (MemoryPool.Builder.TierSpec serving : reach(tier)) {
        for (int i = 0; i < serving.count(); i++) {
          int before = used(serving.size());
          blocks.add(pool.allocate(size));
          assertThat(used(serving.size())).isEqualTo(before + 1);
        }
      }
      freeAll(blocks);
    }
  }

  private int used(long blockSize) {
    return pool.stats().tiers().stream()
        .filter(tier -> tier.blockSizeBytes() == blockSize)
        .findFirst()
        .get()
        .used();
  }
}
