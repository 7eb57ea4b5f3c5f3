package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** An operation counts what its thread does, once, in pools of every kind. */
@EveryKind
class TrackingContractTest extends MemoryPoolContract {
  private static final int ROUNDS = 10;

  TrackingContractTest(PoolKind kind) {
    super(kind);
  }

  @Test
  void everyAllocationAndFreeIsCountedOnce() {
    try (Operation operation = pool.track("work")) {
      for (int i = 0; i < ROUNDS; i++) {
        pool.allocate(kind.lastSize()).close();
        pool.free(pool.allocateHandle(kind.lastSize()));
      }
      List<MemoryBlock> all = takeAll();
      assertThat(pool.tryAllocate(kind.lastSize())).isNull();
      OperationChange change = operation.change();
      assertThat(change.allocatedBlocks()).isEqualTo(2 * ROUNDS + all.size());
      assertThat(change.freedBlocks()).isEqualTo(2 * ROUNDS);
      assertThat(change.failures()).isEqualTo(1);
      assertThat(change.blocks()).isEqualTo(all.size());
      assertThat(change.bytes()).isEqualTo(pool.stats().usedBytes());
      freeAll(all);
      assertThat(operation.change().blocks()).isZero();
      assertThat(operation.change().bytes()).isZero();
    }
    assertThat(pool.stats().used()).isZero();
  }
}
