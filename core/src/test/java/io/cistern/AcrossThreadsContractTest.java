package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.InvalidFreeException.Reason;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** What one thread does to the blocks of another. */
@EverySharedKind
class AcrossThreadsContractTest extends MemoryPoolContract {
  AcrossThreadsContractTest(PoolKind kind) {
    super(kind);
  }

  @Test
  void blocksAreFreedByAnyThread() throws Exception {
    List<MemoryBlock> all = takeAll();
    Threads.together(1, Thread.ofPlatform(), t -> freeAll(all.subList(0, all.size() / 2)));
    Threads.together(1, Thread.ofVirtual(), t -> freeAll(all));
    freeAll(takeAll());
  }

  @Test
  void aSecondFreeIsRefusedOnAnyThread() throws Exception {
    MemoryBlock block = pool.allocate(1);
    pool.free(block.handle());
    for (Thread.Builder threads : List.of(Thread.ofPlatform(), Thread.ofVirtual())) {
      Threads.together(
          2,
          threads,
          thread ->
              assertThatThrownBy(thread == 0 ? block::close : () -> pool.free(block.handle()))
                  .isExactlyInstanceOf(InvalidFreeException.class)
                  .extracting("reason")
                  .isEqualTo(Reason.DOUBLE_FREE));
    }
    assertThat(pool.stats().violations()).isEqualTo(4);
  }

  @Test
  void aBlockThatIsHandedToAWaiterIsZeroWhereThePoolZeroes() throws Exception {
    List<MemoryBlock> all = takeAll();
    FutureTask<Boolean> waiter =
        Threads.start(
            Thread.ofPlatform(),
            () -> {
              try (MemoryBlock handed = pool.allocate(kind.lastSize(), Duration.ofSeconds(20))) {
                return ZeroingContractTest.isZero(handed.segment());
              }
            });
    Threads.untilWaiting(pool, 1);
    MemoryBlock last = all.removeLast();
    Tag.write(last.segment(), 1);
    last.close();
    assertThat(Threads.get(waiter)).isEqualTo(kind.zeroing() != Zeroing.OFF);
    freeAll(all);
  }

  @Test
  void closeRacesWithAllocationAndOneOfThemWins() throws Exception {
    for (int round = 0; round < 20; round++) {
      MemoryPool raced = kind.open();
      Threads.together(
          3,
          Thread.ofPlatform(),
          thread -> {
            if (thread == 0) {
              assertThat(closes(raced)).isEqualTo(raced.isClosed());
            } else {
              useUntilClosed(raced, thread);
            }
          });
      raced.close();
      assertThat(raced.stats().used()).isZero();
    }
  }

  private static boolean closes(MemoryPool pool) {
    try {
      pool.close();
      return true;
    } catch (IllegalStateException refused) {
      assertThat(refused).hasMessageContaining("stays open");
      return false;
    }
  }

  private static void useUntilClosed(MemoryPool pool, int owner) {
    for (int i = 0; i < 200; i++) {
      try (MemoryBlock block = pool.tryAllocate(1)) {
        if (block != null) {
          Tag.write(block.segment(), owner);
          Tag.check(block.segment(), owner);
        }
      } catch (IllegalStateException refused) {
        assertThat(refused).hasMessageEndingWith("is closed");
        assertThat(pool.isClosed()).isTrue();
        return;
      }
    }
  }
}
