package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The figures of a pool at rest: exact, in every kind. */
@EveryKind
class StatsContractTest extends MemoryPoolContract {
  StatsContractTest(PoolKind kind) {
    super(kind);
  }

  @Test
  void aNewPoolHasUsedNothing() {
    PoolStats stats = pool.stats();
    assertThat(stats.pool()).isEqualTo(kind.name());
    assertThat(stats.variable() != null).isEqualTo(kind.isVariable());
    assertThat(stats.usedBytes()).isZero();
    assertThat(stats.freeBytes()).isEqualTo(capacity());
    assertThat(stats.utilizationPercent()).isZero();
    assertThat(stats.pressure()).isEqualTo(PressureLevel.NORMAL);
    assertThat(stats.metadataBytes()).isPositive();
    assertThat(List.of(stats.refused(), stats.violations(), stats.failed())).containsOnly(0L);
    assertThat(List.of(stats.allocations(), stats.frees())).containsOnly(0L);
  }

  private long capacity() {
    return LongStream.of(kind.fill()).sum();
  }

  @Test
  void aFullPoolHasUsedEverything() {
    List<MemoryBlock> all = takeAll();
    PoolStats stats = pool.stats();
    assertThat(stats.pressure()).isEqualTo(PressureLevel.CRITICAL);
    assertThat(stats.utilizationPercent()).isEqualTo(100);
    assertThat(stats.used()).isEqualTo(all.size());
    assertThat(stats.allocations()).isEqualTo(all.size());
    assertThat(stats.free()).isZero();
    assertThat(stats.freeBytes()).isZero();
    assertThat(stats.usedBytes()).isEqualTo(capacity());
    assertThat(pool.usedBlocks(kind.lastSize())).isPositive();
    assertThat(pool.freeBlocks(kind.lastSize())).isZero();
    freeAll(all);
  }

  @Test
  void requestedAndGrantedBytesAddUp() {
    long requested = 0;
    long granted = 0;
    for (long size : kind.sizes()) {
      pool.free(pool.allocateHandle(size));
      requested += size;
      granted += kind.granted(size);
    }
    PoolStats stats = pool.stats();
    assertThat(requested(stats)).isEqualTo(requested);
    assertThat(granted(stats)).isEqualTo(granted);
    assertThat(stats.allocations()).isEqualTo(kind.sizes().length);
    assertThat(stats.frees()).isEqualTo(kind.sizes().length);
  }

  private static long requested(PoolStats stats) {
    return stats.variable() != null
        ? stats.variable().requestedBytes()
        : stats.tiers().stream().mapToLong(PoolStats.Tier::requestedBytes).sum();
  }

  private static long granted(PoolStats stats) {
    return stats.variable() != null
        ? stats.variable().grantedBytes()
        : stats.tiers().stream().mapToLong(PoolStats.Tier::grantedBytes).sum();
  }

  @Test
  void theDumpShowsTheLiveBlocks() {
    List<MemoryBlock> all = takeAll();
    String dump = pool.dump();
    assertThat(dump).startsWith("pool '" + kind.name() + "'  CRITICAL\n");
    assertThat(dump).contains("oldest of %,d live blocks".formatted(all.size()));
    assertThat(dump.lines().filter(line -> line.startsWith("    0x")))
        .hasSize(Math.min(10, all.size()));
    freeAll(all);
    assertThat(pool.dump())
        .startsWith("pool '" + kind.name() + "'  NORMAL\n")
        .doesNotContain("oldest");
  }
}
