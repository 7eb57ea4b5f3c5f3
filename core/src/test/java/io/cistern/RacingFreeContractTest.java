package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Of two frees of one allocation at the same moment exactly one succeeds. */
@EverySharedKind
class RacingFreeContractTest extends MemoryPoolContract {
  private static final int ROUNDS = 1_000;

  private final SpinBarrier barrier = new SpinBarrier(2);
  private final AtomicInteger succeeded = new AtomicInteger();
  private volatile MemoryBlock block = pool.allocate(1);

  RacingFreeContractTest(PoolKind kind) {
    super(kind);
  }

  @Test
  void exactlyOneSucceeds() throws Exception {
    Threads.together(2, Thread.ofPlatform(), this::race);
    block.close();
    assertThat(succeeded.get()).isEqualTo(ROUNDS);
    assertThat(pool.stats().violations()).isEqualTo(ROUNDS);
    assertThat(pool.stats().frees()).isEqualTo(ROUNDS + 1L);
  }

  private void race(int thread) {
    for (int round = 0; round < ROUNDS; round++) {
      MemoryBlock mine = block;
      barrier.await();
      if (frees(mine, (round + thread) % 2 == 0)) {
        succeeded.incrementAndGet();
      }
      barrier.await();
      if (thread == 0) {
        block = pool.allocate(1);
      }
      barrier.await();
    }
  }

  private boolean frees(MemoryBlock mine, boolean byBlock) {
    try {
      if (byBlock) {
        mine.close();
      } else {
        pool.free(mine.handle());
      }
      return true;
    } catch (InvalidFreeException refused) {
      return false;
    }
  }
}
