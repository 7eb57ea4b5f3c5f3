package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
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

  @Test
  void whatWasWaitedForIsCountedToo() throws Exception {
    if (kind.isConfined()) {
      return;
    }
    List<MemoryBlock> all = takeAll();
    MemoryBlock last = all.removeLast();
    try (Operation operation = pool.track("wait")) {
      Thread other =
          Thread.ofPlatform()
              .start(() -> {
                Threads.until("somebody waits", () -> pool.stats().waiting() == 1);
                last.close();
              });
      pool.allocate(kind.lastSize(), Duration.ofSeconds(20)).close();
      other.join();
      assertThat(operation.change().allocatedBlocks()).isEqualTo(1);
      assertThat(operation.change().blocks()).isZero();
    }
    freeAll(all);
  }
}
