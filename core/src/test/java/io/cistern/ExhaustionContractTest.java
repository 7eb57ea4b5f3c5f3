package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** When nothing is left: what the refusal says, and that whatever is freed can be had again. */
@EveryKind
class ExhaustionContractTest extends MemoryPoolContract {
  ExhaustionContractTest(PoolKind kind) {
    super(kind);
  }

  @Test
  void refusalsCarryTheNumbersAndAreCounted() {
    List<MemoryBlock> blocks = exhaust(1);
    PoolStats stats = pool.stats();
    String message =
        "pool '%s' is exhausted: asked 1 B, largest free block %d B, free %d B, used %d B, limit %d B"
            .formatted(
                kind.name(),
                largestFree(stats),
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
    assertThat(pool.stats().failed()).isEqualTo(stats.failed() + 4);
    assertThat(pool.stats().refused()).isZero();
    freeAll(blocks);
  }

  @Test
  void aPollThatFindsNothingIsNoFailure() {
    List<MemoryBlock> blocks = exhaust(1);
    PoolStats stats = pool.stats();
    assertThat(pool.poll(1)).isNull();
    assertThat(pool.pollHandle(1)).isEqualTo(MemoryPool.NO_HANDLE);
    assertThat(pool.stats().failed()).isEqualTo(stats.failed());
    blocks.removeLast().close();
    MemoryBlock polled = Objects.requireNonNull(pool.poll(1));
    assertThat(polled.byteSize()).isEqualTo(1);
    polled.close();
    long handle = pool.pollHandle(1);
    assertThat(pool.byteSize(handle)).isEqualTo(1);
    pool.free(handle);
    blocks.add(pool.allocate(1));
    assertThatThrownBy(() -> pool.poll(pool.maxSize() + 1))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    freeAll(blocks);
  }

  private static long largestFree(PoolStats stats) {
    return stats.variable() != null
        ? stats.variable().largestFreeBytes()
        : stats.tiers().stream()
            .filter(tier -> tier.free() > 0)
            .mapToLong(PoolStats.Tier::blockSizeBytes)
            .max()
            .orElse(0);
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
