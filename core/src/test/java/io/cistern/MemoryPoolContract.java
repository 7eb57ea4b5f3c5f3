package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/**
 * The one behavioural suite of all pools: each subclass is about one thing and runs against {@link
 * EveryKind}, or {@link EverySharedKind} where it needs threads. After each test everything must be
 * free, every figure must agree with the others, and {@code verify()} must find nothing.
 *
 * <p>Time budget: 25 seconds for all subclasses and kinds together.
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

  /** Allocates every block of the pool, each at its full size. */
  List<MemoryBlock> takeAll() {
    List<MemoryBlock> blocks = new ArrayList<>();
    for (MemoryPool.Builder.TierSpec tier : kind.tiers()) {
      for (int i = 0; i < tier.count(); i++) {
        blocks.add(pool.allocate(tier.size()));
      }
    }
    return blocks;
  }

  static void freeAll(List<MemoryBlock> blocks) {
    blocks.forEach(MemoryBlock::close);
    blocks.clear();
  }
}
