package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Threads that come and go in the queue do not make others fail while blocks are free. Time budget:
 * 2 seconds.
 */
class RefusalUnderWaitersTest {
  private static final long NANOS = 1_000_000L * Long.getLong("cistern.loadMillis", 300);

  @ParameterizedTest
  @CsvSource({"4, 2, true", "5, 3, false", "70, 2, true", "70, 3, false"})
  void newcomersGetWhatWaitersLeave(int blocks, int waiters, boolean virtual) throws Exception {
    try (MemoryPool pool = MemoryPool.builder().tier(64, blocks).build()) {
      AtomicBoolean stop = new AtomicBoolean();
      List<FutureTask<Boolean>> tasks = new ArrayList<>();
      for (int i = 0; i < waiters; i++) {
        tasks.add(Threads.start(Thread.ofPlatform(), () -> takeInTurns(pool, stop)));
      }
      FutureTask<Integer> newcomer =
          Threads.start(
              virtual ? Thread.ofVirtual() : Thread.ofPlatform(), () -> refusals(pool, blocks));
      int refusals = Threads.get(newcomer);
      stop.set(true);
      for (FutureTask<Boolean> task : tasks) {
        Threads.get(task);
      }
      assertThat(refusals).isZero();
    }
  }

  private static boolean takeInTurns(MemoryPool pool, AtomicBoolean stop) throws Exception {
    while (!stop.get()) {
      pool.allocate(1, Duration.ofSeconds(10)).close();
    }
    return true;
  }

  /** Takes all blocks, gives all back, and must at once get one: waiters hold one each at most. */
  private static int refusals(MemoryPool pool, int blocks) {
    long end = System.nanoTime() + NANOS;
    int refusals = 0;
    while (System.nanoTime() < end) {
      List<MemoryBlock> all = new ArrayList<>();
      while (all.size() < blocks) {
        MemoryBlock block = pool.tryAllocate(1);
        if (block != null) {
          all.add(block);
        }
      }
      all.forEach(MemoryBlock::close);
      for (int i = 0; i < 3; i++) {
        MemoryBlock one = pool.tryAllocate(1);
        if (one == null) {
          refusals++;
        } else {
          one.close();
        }
      }
    }
    return refusals;
  }
}
