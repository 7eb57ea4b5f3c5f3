package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Waiting for memory of any size: strictly first come, first served, whatever the sizes, and every
 * way in which waiting ends. Time budget: 3 seconds.
 */
@Timeout(30)
class VariableWaitingTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final int BLOCKS = 10;

  private final MemoryPool pool = MemoryPool.builder().name("p").variable(80 * BLOCKS).build();
  private final List<MemoryBlock> all = new ArrayList<>();

  VariableWaitingTest() {
    for (int i = 0; i < BLOCKS; i++) {
      all.add(pool.allocate(80));
    }
    all.sort((a, b) -> Long.compare(pool.offset(a.handle()), pool.offset(b.handle())));
  }

  @AfterEach
  void everythingIsFreeAndInOrder() {
    if (!pool.isClosed()) {
      MemoryPoolContract.freeAll(all);
      MemoryPoolContract.assertInOrder(pool);
      pool.close();
    }
  }

  /** A thread that waits, and its future answer. */
  private record Waiting(Thread thread, FutureTask<MemoryBlock> answer) {}

  private Waiting waiter(long size) {
    int before = pool.stats().waiting();
    FutureTask<MemoryBlock> answer = new FutureTask<>(() -> pool.allocate(size, LONG));
    Thread.Builder kind = before % 2 == 0 ? Thread.ofPlatform() : Thread.ofVirtual();
    Thread thread = kind.start(answer);
    Threads.untilWaiting(pool, before + 1);
    return new Waiting(thread, answer);
  }

  private void take(Waiting waiter) throws Exception {
    all.add(Threads.get(waiter.answer));
  }

  @Test
  void whoCameFirstIsServedFirst() throws Exception {
    List<Waiting> waiters = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      waiters.add(waiter(80));
    }
    for (int i = 0; i < 6; i++) {
      all.remove(i).close();
      all.add(i, Threads.get(waiters.get(i).answer));
      assertThat(waiters.subList(i + 1, 6)).noneMatch(later -> later.answer.isDone());
    }
    assertThat(pool.stats().failed()).as("waiting is no failure").isZero();
  }

  @Test
  void aLargeRequestIsNotStarvedBySmallOnesBehindIt() throws Exception {
    Waiting large = waiter(240);
    Waiting small = waiter(8);
    all.remove(3).close();
    all.remove(3).close();
    assertThat(pool.stats().freeBytes()).isEqualTo(160);
    assertThat(pool.tryAllocate(8)).as("a newcomer").isNull();
    assertThatThrownBy(() -> pool.allocate(8)).isInstanceOf(PoolExhaustedException.class);
    assertThat(pool.stats().waiting()).isEqualTo(2);
    all.remove(3).close();
    take(large);
    assertThat(small.answer.isDone()).isFalse();
    all.removeFirst().close();
    take(small);
  }

  @Test
  void oneFreeServesAllForWhomItSuffices() throws Exception {
    List<Waiting> waiters = List.of(waiter(40), waiter(1), waiter(24), waiter(16));
    all.remove(5).close();
    for (Waiting waiter : waiters.subList(0, 3)) {
      take(waiter);
    }
    assertThat(waiters.getLast().answer.isDone()).isFalse();
    assertThat(pool.stats().freeBytes()).isEqualTo(80 - 40 - 8 - 24);
    all.remove(0).close();
    take(waiters.getLast());
  }

  @Test
  void aShrinkServesToo() throws Exception {
    Waiting waiter = waiter(64);
    assertThat(all.get(2).tryResize(16)).isTrue();
    take(waiter);
  }

  @Test
  void whenTheFirstLeavesTheNextIsServed() throws Exception {
    Waiting large = waiter(160);
    Waiting small = waiter(80);
    all.remove(4).close();
    assertThat(small.answer.isDone()).isFalse();
    large.thread.interrupt();
    take(small);
    assertThatThrownBy(large.answer::get).hasCauseInstanceOf(InterruptedException.class);
    assertThat(pool.stats().waiting()).isZero();
    assertThat(pool.stats().failed()).as("an interrupt is no failure").isZero();
  }

  @Test
  void whenTheFirstsTimeIsUpTheNextIsServed() throws Exception {
    FutureTask<Boolean> large =
        Threads.start(
            Thread.ofPlatform(),
            () -> {
              assertThatThrownBy(() -> pool.allocate(800, Duration.ofMillis(200)))
                  .isExactlyInstanceOf(PoolExhaustedException.class)
                  .hasMessageStartingWith(
                      "pool 'p' is exhausted after waiting 200 ms: asked 800 B");
              return true;
            });
    Threads.untilWaiting(pool, 1);
    FutureTask<MemoryBlock> small =
        Threads.start(Thread.ofPlatform(), () -> pool.allocate(80, LONG));
    all.remove(4).close();
    all.add(Threads.get(small));
    assertThat(Threads.get(large)).isTrue();
  }

  @Test
  void theTimeRunsOut() {
    all.remove(7).close();
    assertThatThrownBy(() -> pool.allocate(100, Duration.ofMillis(20)))
        .isExactlyInstanceOf(PoolExhaustedException.class)
        .hasMessage(
            "pool 'p' is exhausted after waiting 20 ms: asked 100 B, largest free block 80 B,"
                + " free 80 B, used 720 B, limit 800 B");
    assertThatThrownBy(() -> pool.allocate(100, Duration.ofSeconds(Long.MIN_VALUE)))
        .hasMessageStartingWith("pool 'p' is exhausted after waiting 0 ms: asked 100 B");
    assertThat(pool.stats().failed()).isEqualTo(2);
  }

  @Test
  void interruptedBeforeWaiting() throws Exception {
    Threads.elsewhere(() -> {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> pool.allocate(1, LONG)).isInstanceOf(InterruptedException.class);
      return true;
    });
    assertThat(pool.stats().waiting()).isZero();
  }

  /** The memory goes to the waiter or back to the pool, and an interrupt is never swallowed. */
  @Test
  void interruptedWhileBeingServed() throws Exception {
    for (int round = 0; round < 100; round++) {
      Waiting waiter = waiter(80);
      MemoryBlock freed = all.removeLast();
      FutureTask<Void> freer =
          Threads.start(
              Thread.ofPlatform(),
              () -> {
                freed.close();
                return null;
              });
      waiter.thread.interrupt();
      Threads.get(freer);
      Threads.until("it has ended", waiter.answer::isDone);
      all.add(served(waiter) ? waiter.answer.resultNow() : pool.allocate(80));
      assertThat(pool.tryAllocate(1)).isNull();
    }
  }

  private static boolean served(Waiting waiter) {
    return waiter.answer.state() == FutureTask.State.SUCCESS;
  }

  @Test
  void closedWhileWaiting() throws Exception {
    Waiting first = waiter(80);
    Waiting second = waiter(1);
    assertThatThrownBy(pool::close).hasMessageContaining("stays open");
    assertThat(pool.stats().waiting()).as("a refused close disturbs nobody").isEqualTo(2);
    pool.closeNow();
    for (Waiting waiter : List.of(first, second)) {
      assertThatThrownBy(() -> Threads.get(waiter.answer))
          .cause()
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage("pool 'p' is closed");
    }
    assertThatThrownBy(() -> pool.allocate(1, LONG)).hasMessage("pool 'p' is closed");
  }

  /** Small requests come and go without end; one that needs almost everything gets it. */
  @Test
  void aStreamOfSmallRequestsStarvesNobody() throws Exception {
    MemoryPoolContract.freeAll(all);
    AtomicBoolean stop = new AtomicBoolean();
    List<FutureTask<Boolean>> stream = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      stream.add(Threads.start(Thread.ofPlatform(), () -> holdsAlways(stop)));
    }
    try {
      for (int round = 0; round < 50; round++) {
        pool.allocate(790, LONG).close();
      }
    } finally {
      stop.set(true);
    }
    for (FutureTask<Boolean> thread : stream) {
      assertThat(Threads.get(thread)).isTrue();
    }
  }

  /** Frees a block only when it has the next one, or nothing is to be had at once. */
  private boolean holdsAlways(AtomicBoolean stop) {
    long held = MemoryPool.NO_HANDLE;
    while (!stop.get()) {
      long next = pool.tryAllocateHandle(16);
      pool.free(held);
      held = next;
    }
    pool.free(held);
    return true;
  }
}
