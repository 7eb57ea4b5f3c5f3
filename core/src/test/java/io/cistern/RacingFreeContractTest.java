package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Of several frees of one allocation at the same moment exactly one succeeds. */
@EverySharedKind
class RacingFreeContractTest extends MemoryPoolContract {
  private static final int THREADS = 3;
  private static final int ROUNDS = 300;

  RacingFreeContractTest(PoolKind kind) {
    super(kind);
  }

  @Test
  void exactlyOneSucceeds() throws Exception {
    MemoryBlock[] block = {pool.allocate(1)};
    AtomicInteger succeeded = new AtomicInteger();
    CyclicBarrier next =
        new CyclicBarrier(
            THREADS,
            () -> {
              assertThat(succeeded.getAndSet(0)).isEqualTo(1);
              block[0] = pool.allocate(1);
            });
    Threads.together(
        THREADS,
        Thread.ofPlatform(),
        thread -> {
          for (int round = 0; round < ROUNDS; round++) {
            if (frees(block[0], thread)) {
              succeeded.incrementAndGet();
            }
            next.await(20, TimeUnit.SECONDS);
          }
        });
    block[0].close();
    assertThat(pool.stats().violations()).isEqualTo((THREADS - 1L) * ROUNDS);
    assertThat(pool.stats().frees()).isEqualTo(ROUNDS + 1L);
  }

  private boolean frees(MemoryBlock block, int thread) {
    try {
      if (thread == 0) {
        block.close();
      } else {
        pool.free(block.handle());
      }
      return true;
    } catch (InvalidFreeException refused) {
      return false;
    }
  }
}
