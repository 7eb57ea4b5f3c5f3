package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;

/**
 * Invariant 2, capacity is a promise: if k blocks are free, k allocations succeed, whichever
 * threads freed them, and nobody is refused while a block is free.
 */
@EverySharedKind
class CapacityContractTest extends MemoryPoolContract {
  CapacityContractTest(PoolKind kind) {
    super(kind);
  }

  @Test
  void blocksFreedByManyLivingThreadsAreAllThere() throws Exception {
    int threads = 12;
    List<MemoryBlock> all = takeAll();
    CyclicBarrier step = new CyclicBarrier(threads);
    Threads.together(
        threads,
        Thread.ofPlatform(),
        thread -> {
          for (int i = thread; i < all.size(); i += threads) {
            all.get(i).close();
          }
          step.await();
          if (thread == 0) {
            List<MemoryBlock> again = takeAll();
            assertThat(pool.tryAllocate(1)).isNull();
            freeAll(again);
          }
          step.await();
        });
  }

  @Test
  void blocksFreedByDeadAndVirtualThreadsAreAllThere() throws Exception {
    List<MemoryBlock> all = takeAll();
    int half = all.size() / 2;
    for (int thread = 0; thread < 10; thread++) {
      int first = thread;
      Threads.elsewhere(() -> freeEveryTenth(all.subList(0, half), first));
    }
    Threads.together(
        10, Thread.ofVirtual(), thread -> freeEveryTenth(all.subList(half, all.size()), thread));
    freeAll(takeAll());
    Threads.together(1, Thread.ofVirtual(), thread -> freeAll(takeAll()));
  }

  private static int freeEveryTenth(List<MemoryBlock> blocks, int first) {
    for (int i = first; i < blocks.size(); i += 10) {
      blocks.get(i).close();
    }
    return first;
  }

  /** As many free blocks as threads, each thread with at most one: there is always one more. */
  @Test
  void nobodyIsRefusedWhileABlockIsFree() throws Exception {
    List<MemoryBlock> reach = exhaust(1);
    int threads = Math.min(3, reach.size());
    List<MemoryBlock> kept = new ArrayList<>(reach);
    for (int i = 0; i < threads; i++) {
      kept.remove((int) ((long) i * (kept.size() - 1) / threads)).close();
    }
    Threads.together(threads, Thread.ofPlatform(), thread -> allocateAndFree(10_000));
    Threads.together(threads, Thread.ofVirtual(), thread -> allocateAndFree(2_000));
    assertThat(pool.stats().failed()).as("refused, apart from the last of exhaust").isEqualTo(1);
    freeAll(kept);
  }

  private void allocateAndFree(int times) {
    for (int i = 0; i < times; i++) {
      pool.free(pool.allocateHandle(1));
    }
  }
}
