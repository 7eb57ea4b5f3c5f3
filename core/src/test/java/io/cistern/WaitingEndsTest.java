package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Waiting that is interrupted, or whose pool is closed. Time budget: 3 seconds. */
@ParameterizedClass(name = "{0} blocks")
@ValueSource(ints = {1, 65})
@Timeout(20)
class WaitingEndsTest {
  private static final Duration LONG = Duration.ofSeconds(15);

  private final MemoryPool pool;
  private final List<MemoryBlock> all = new ArrayList<>();

  WaitingEndsTest(int blocks) {
    pool = MemoryPool.builder().name("p").tier(64, blocks).build();
    for (int i = 0; i < blocks; i++) {
      all.add(pool.allocate(64));
    }
  }

  private void finish() {
    MemoryPoolContract.freeAll(all);
    MemoryPoolContract.assertInOrder(pool);
    pool.close();
  }

  /** A thread that waits, and its future answer. */
  private record Waiter<T>(Thread thread, FutureTask<T> answer) {}

  private <T> Waiter<T> waiter(Callable<T> call) {
    FutureTask<T> answer = new FutureTask<>(call);
    Thread thread = Thread.ofPlatform().start(answer);
    Threads.untilWaiting(pool, 1);
    return new Waiter<>(thread, answer);
  }

  @Test
  void interruptedBeforeWaiting() throws Exception {
    Threads.elsewhere(() -> {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> pool.allocate(1, LONG)).isInstanceOf(InterruptedException.class);
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
      return true;
    });
    assertThat(pool.stats().waiting()).isZero();
    finish();
  }

  @Test
  void interruptedWithAFreeBlock() throws Exception {
    all.removeLast().close();
    Threads.elsewhere(() -> {
      Thread.currentThread().interrupt();
      pool.allocate(1, LONG).close();
      assertThat(Thread.currentThread().isInterrupted()).as("stays pending").isTrue();
      return true;
    });
    finish();
  }

  @Test
  void interruptedWhileWaiting() throws Exception {
    Waiter<Boolean> waiter =
        waiter(() -> {
          assertThatThrownBy(() -> pool.allocate(1, LONG)).isInstanceOf(InterruptedException.class);
          return Thread.currentThread().isInterrupted();
        });
    waiter.thread.interrupt();
    assertThat(Threads.get(waiter.answer)).isFalse();
    assertThat(pool.stats().waiting()).isZero();
    assertThat(pool.stats().failed()).as("an interrupt is no failure").isZero();
    finish();
  }

  @Test
  void anInterruptedWaiterDoesNotHoldUpTheNext() throws Exception {
    Waiter<Boolean> first =
        waiter(() -> {
          assertThatThrownBy(() -> pool.allocate(1, LONG)).isInstanceOf(InterruptedException.class);
          return true;
        });
    FutureTask<MemoryBlock> second =
        Threads.start(Thread.ofPlatform(), () -> pool.allocate(1, LONG));
    Threads.untilWaiting(pool, 2);
    first.thread.interrupt();
    Threads.get(first.answer);
    all.removeLast().close();
    all.add(Threads.get(second));
    finish();
  }

  /** The block goes to the waiter or back to the pool, and an interrupt is never swallowed. */
  @Test
  void interruptedWhileBeingServed() throws Exception {
    for (int round = 0; round < 100; round++) {
      Waiter<Boolean> waiter =
          waiter(() -> {
            try {
              pool.allocate(1, LONG).close();
            } catch (InterruptedException interrupted) {
              return true;
            }
            return interruptComes();
          });
      FutureTask<Void> freer =
          Threads.start(
              Thread.ofPlatform(),
              () -> {
                all.removeLast().close();
                return null;
              });
      waiter.thread.interrupt();
      Threads.get(freer);
      assertThat(Threads.get(waiter.answer)).isTrue();
      all.add(pool.allocate(64));
      assertThat(pool.tryAllocate(1)).isNull();
    }
    finish();
  }

  private static boolean interruptComes() {
    while (!Thread.currentThread().isInterrupted()) {
      Thread.onSpinWait();
    }
    return true;
  }

  @Test
  void closedWhileWaiting() throws Exception {
    Waiter<Boolean> waiter =
        waiter(() -> {
          assertThatThrownBy(() -> pool.allocate(1, LONG))
              .isExactlyInstanceOf(IllegalStateException.class)
              .hasMessage("pool 'p' is closed");
          return true;
        });
    assertThatThrownBy(pool::close).hasMessageContaining("stays open");
    assertThat(pool.stats().waiting()).as("a refused close disturbs nobody").isEqualTo(1);
    pool.closeNow();
    assertThat(Threads.get(waiter.answer)).isTrue();
  }
}
