package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many requests of a size succeed, which tiers serve them, and what the refusal says. */
@EveryKind
class ExhaustionContractTest extends MemoryPoolContract {
  ExhaustionContractTest(PoolKind kind) {
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

  @Test
  void refusalsCarryTheNumbersAndAreCountedAtTheFittingTier() {
    int smallest = 0;
    List<MemoryBlock> blocks = exhaust(1);
    long failedBefore = pool.stats().tiers().get(smallest).failed();
    PoolStats stats = pool.stats();
    long largestFree =
        stats.tiers().stream()
            .filter(tier -> tier.free() > 0)
            .mapToLong(PoolStats.Tier::blockSizeBytes)
            .max()
            .orElse(0);
    String message =
        "pool '%s' is exhausted: asked 1 B, largest free block %d B, free %d B, used %d B, limit %d B"
            .formatted(
                kind.name(),
                largestFree,
                stats.freeBytes(),
                stats.usedBytes(),
                stats.freeBytes() + stats.usedBytes());
    assertThatThrownBy(() -> pool.allocate(1))
        .isExactlyInstanceOf(PoolExhaustedException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> pool.allocateHandle(1))
        .isExactlyInstanceOf(PoolExhaustedException.class)
        .hasMessage(message);
    assertThat(pool.tryAllocate(1)).isNull();
    assertThat(pool.tryAllocateHandle(1)).isEqualTo(MemoryPool.NO_HANDLE);
    assertThat(pool.stats().tiers().get(smallest).failed()).isEqualTo(failedBefore + 4);
    assertThat(pool.stats().failed()).isEqualTo(failedBefore + 4);
    assertThat(pool.stats().refused()).isZero();
    freeAll(blocks);
  }

  @Test
  void anyFreedBlockCanBeTakenAgain() {
    List<MemoryBlock> blocks = exhaust(1);
    for (int i = 0; i < blocks.size(); i++) {
      long block = blocks.get(i).handle() >>> 32;
      blocks.get(i).close();
      blocks.set(i, pool.allocate(1));
      assertThat(blocks.get(i).handle() >>> 32).isEqualTo(block);
      assertThat(pool.tryAllocate(1)).isNull();
    }
    freeAll(blocks);
  }
}
