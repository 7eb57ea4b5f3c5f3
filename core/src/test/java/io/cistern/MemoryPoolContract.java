package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/**
 * The one behavioural suite of all pools: each subclass is about one thing and runs against {@link
 * EveryKind}, or {@link EverySharedKind} where it needs threads, or {@link EveryTieredKind} where
 * it is about tiers. After each test everything must be free, every figure must agree with the
 * others, and {@code verify()} must find nothing.
 *
 * <p>Time budget: 35 seconds for all subclasses and kinds together.
 */
@Timeout(30)
abstract class MemoryPoolContract {
  final PoolKind kind;
  final MemoryPool pool;

  MemoryPoolContract(PoolKind kind) {
    this.kind = kind;
    this.pool = kind.open();
  }

  @AfterEach
  void everythingIsFreeAndInOrder() {
    assertInOrder(pool);
    pool.close();
  }

  static void assertInOrder(MemoryPool pool) {
    assertThat(pool.verify().orThrow().quiescent()).as("quiescent").isTrue();
    PoolStats stats = pool.stats();
    assertThat(stats.used()).as("live blocks").isZero();
    assertThat(stats.waiting()).as("waiting").isZero();
    for (PoolStats.Tier tier : stats.tiers()) {
      assertThat(tier.free()).as("free").isEqualTo(tier.total());
      assertThat(tier.frees()).as("frees").isEqualTo(tier.allocations());
    }
    if (stats.variable() != null) {
      assertIsOneGap(stats.variable());
    }
  }

  private static void assertIsOneGap(PoolStats.Variable variable) {
    assertThat(variable.freePieces()).as("free pieces").isEqualTo(1);
    assertThat(variable.largestFreeBytes()).as("free").isEqualTo(variable.totalBytes());
    assertThat(variable.freeBytes()).isEqualTo(variable.totalBytes());
    assertThat(variable.reachabilityGapBytes()).as("reachability gap").isZero();
    assertThat(variable.frees()).as("frees").isEqualTo(variable.allocations());
  }

  /** Asserts that nothing but the counts of refusals has changed. */
  static void assertUnchanged(PoolStats before, PoolStats after) {
    assertThat(after.tiers()).isEqualTo(before.tiers());
    assertThat(after.variable()).isEqualTo(before.variable());
  }

  /** Allocates blocks of one size until there is none. */
  List<MemoryBlock> exhaust(long size) {
    List<MemoryBlock> blocks = new ArrayList<>();
    for (MemoryBlock block = pool.tryAllocate(size);
        block != null;
        block = pool.tryAllocate(size)) {
      blocks.add(block);
    }
    return blocks;
  }

  /** Allocates all that the pool has, each block at its full size; the last is the largest. */
  List<MemoryBlock> takeAll() {
    List<MemoryBlock> blocks = new ArrayList<>();
    for (long size : kind.fill()) {
      blocks.add(pool.allocate(size));
    }
    return blocks;
  }

  static void freeAll(List<MemoryBlock> blocks) {
    blocks.forEach(MemoryBlock::close);
    blocks.clear();
  }
}
