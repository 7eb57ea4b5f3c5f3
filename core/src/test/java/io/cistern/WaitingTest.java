package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Waiting for a block: who gets it, and every way in which waiting ends without one. Time budget: 3
 * seconds.
 */
@ParameterizedClass(name = "{0} blocks")
@ValueSource(ints = {1, 2, 64, 65, 300})
@Timeout(20)
class WaitingTest {
  private static final Duration LONG = Duration.ofSeconds(15);

  private final MemoryPool pool;
  private final List<MemoryBlock> all = new ArrayList<>();

  WaitingTest(int blocks) {
    pool = MemoryPool.builder().name("p").tier(64, blocks).build();
    for (int i = 0; i < blocks; i++) {
      all.add(pool.allocate(64));
    }
  }

  @AfterEach
  void everythingIsFreeAndInOrder() {
    MemoryPoolContract.freeAll(all);
    if (!pool.isClosed()) {
      MemoryPoolContract.assertInOrder(pool);
      pool.close();
    }
  }

  private FutureTask<MemoryBlock> waiter(Thread.Builder kind) {
    int before = pool.stats().waiting();
    FutureTask<MemoryBlock> waiter = Threads.start(kind, () -> pool.allocate(64, LONG));
    Threads.untilWaiting(pool, before + 1);
    return waiter;
  }

  @Test
  void aFreedBlockIsHandedOver() throws Exception {
    for (Thread.Builder kind : List.of(Thread.ofPlatform(), Thread.ofVirtual())) {
      FutureTask<MemoryBlock> waiter = waiter(kind);
      MemoryBlock freed = all.removeLast();
      freed.close();
      MemoryBlock handed = Threads.get(waiter);
      assertThat(handed.handle() >>> 32).as("block").isEqualTo(freed.handle() >>> 32);
      assertThat(handed.byteSize()).isEqualTo(64);
      assertThat(pool.stats().waiting()).isZero();
      all.add(handed);
    }
    assertThat(pool.stats().failed()).as("waiting is no failure").isZero();
  }

  @Test
  void whoCameFirstIsServedFirst() throws Exception {
    List<FutureTask<MemoryBlock>> waiters = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      waiters.add(waiter(i % 2 == 0 ? Thread.ofPlatform() : Thread.ofVirtual()));
    }
    for (int i = 0; i < 8; i++) {
      all.removeLast().close();
      all.add(Threads.get(waiters.get(i)));
      for (FutureTask<MemoryBlock> later : waiters.subList(i + 1, 8)) {
        assertThat(later.isDone()).isFalse();
      }
    }
  }

  @Test
  void nobodyOvertakes() throws Exception {
    FutureTask<MemoryBlock> first = waiter(Thread.ofPlatform());
    FutureTask<MemoryBlock> second = waiter(Thread.ofPlatform());
    all.removeLast().close();
    assertThat(pool.tryAllocate(1)).as("a newcomer").isNull();
    all.add(Threads.get(first));
    assertThat(second.isDone()).isFalse();
    all.removeLast().close();
    all.add(Threads.get(second));
  }

  @Test
  void theTimeRunsOut() {
    assertThatThrownBy(() -> pool.allocate(50, Duration.ofMillis(20)))
        .isExactlyInstanceOf(PoolExhaustedException.class)
        .hasMessage(
            "pool 'p' is exhausted after waiting 20 ms: asked 50 B, largest free block 0 B, free 0 B,"
                + " used %1$d B, limit %1$d B",
            64 * all.size());
    assertThat(pool.stats().failed()).isEqualTo(1);
    assertThat(pool.stats().waiting()).isZero();
  }

  @Test
  void itTakesAsLongAsAsked() {
    long start = System.nanoTime();
    assertThatThrownBy(() -> pool.allocate(1, Duration.ofMillis(30)))
        .isInstanceOf(PoolExhaustedException.class);
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(30_000_000);
  }

  @Test
  void zeroAndNegativeDurationsDoNotWait() {
    for (Duration none :
        List.of(
            Duration.ZERO,
            Duration.ofNanos(-1),
            Duration.ofDays(-1),
            Duration.ofNanos(Long.MIN_VALUE),
            Duration.ofSeconds(Long.MIN_VALUE))) {
      assertThatThrownBy(() -> pool.allocate(1, none))
          .isExactlyInstanceOf(PoolExhaustedException.class)
          .hasMessageStartingWith("pool 'p' is exhausted after waiting 0 ms: asked 1 B");
    }
    assertThat(pool.stats().failed()).isEqualTo(5);
  }

  @Test
  void hugeDurationsWait() throws Exception {
    for (Duration huge :
        List.of(Duration.ofNanos(Long.MAX_VALUE), Duration.ofSeconds(Long.MAX_VALUE))) {
      FutureTask<MemoryBlock> waiter =
          Threads.start(Thread.ofPlatform(), () -> pool.allocate(1, huge));
      Threads.untilWaiting(pool, 1);
      all.removeLast().close();
      all.add(Threads.get(waiter));
    }
  }

  @Test
  void withAFreeBlockNoDurationMatters() throws Exception {
    all.removeLast().close();
    pool.allocate(1, Duration.ZERO).close();
    pool.allocate(1, Duration.ofSeconds(Long.MIN_VALUE)).close();
    all.add(pool.allocate(1, Duration.ofSeconds(Long.MAX_VALUE)));
  }
}
