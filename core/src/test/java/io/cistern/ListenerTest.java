package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What listeners are told, and that nothing they do harms the pool. */
@Timeout(20)
class ListenerTest {
  private final List<MemoryBlock> live = new ArrayList<>();

  private void finish(MemoryPool pool) {
    MemoryPoolContract.freeAll(live);
    MemoryPoolContract.assertInOrder(pool);
    pool.close();
  }

  @Test
  void exhaustionIsToldWithItsFigures() {
    RecordingListener listener = new RecordingListener();
    MemoryPool pool =
        MemoryPool.builder()
            .name("p")
            .tier(64, 1)
            .tier(256, 1)
            .tier(512, 1)
            .thresholds(99, 100)
            .listener(listener)
            .build();
    live.add(pool.allocate(1));
    live.add(pool.allocate(1));
    listener.take();
    assertThat(pool.tryAllocate(10)).isNull();
    assertThatThrownBy(() -> pool.allocate(10, Duration.ZERO))
        .isInstanceOf(PoolExhaustedException.class);
    String expected =
        "exhausted Exhaustion[pool=p, requestedBytes=10, tierBlockSizeBytes=64,"
            + " largestFreeBytes=512, freeBytes=512, usedBytes=320, limitBytes=832, label=]";
    assertThat(listener.take()).containsExactly(expected, expected);
    finish(pool);
  }

  @Test
  void violationsAreToldBeforeTheyAreThrown() {
    RecordingListener listener = new RecordingListener();
    MemoryPool pool = MemoryPool.builder().tier(64, 4).listener(listener).build();
    MemoryBlock block = pool.allocate(60);
    live.add(pool.allocate(1));
    assertThatThrownBy(() -> pool.free(-1)).isInstanceOf(InvalidFreeException.class);
    assertThatThrownBy(() -> pool.free(block.handle(), 61))
        .isInstanceOf(InvalidFreeException.class);
    assertThatThrownBy(() -> pool.free(block.segment().asSlice(1)))
        .isInstanceOf(InvalidFreeException.class);
    block.close();
    assertThatThrownBy(block::close).isInstanceOf(InvalidFreeException.class);
    live.add(pool.allocate(1));
    assertThatThrownBy(block::close).isInstanceOf(InvalidFreeException.class);
    assertThat(listener.take())
        .containsExactly(
            "violation FOREIGN",
            "violation WRONG_SIZE",
            "violation INTERIOR",
            "violation DOUBLE_FREE",
            "violation STALE");
    finish(pool);
  }

  @Test
  void allListenersAreToldInOrder() {
    List<String> order = new ArrayList<>();
    MemoryPool pool =
        MemoryPool.builder()
            .tier(64, 1)
            .listener(onExhausted(() -> order.add("first")))
            .listener(onExhausted(() -> order.add("second")))
            .build();
    live.add(pool.allocate(1));
    assertThat(pool.tryAllocate(1)).isNull();
    assertThat(order).containsExactly("first", "second");
    finish(pool);
  }

  private static PoolListener onExhausted(Runnable action) {
    return new PoolListener() {
      @Override
      public void onExhausted(Exhaustion exhaustion) {
        action.run();
      }
    };
  }

  /** Throws whatever it is given from every method. */
  private record Thrower(Throwable thrown, AtomicInteger calls) implements PoolListener {
    @Override
    public void onExhausted(Exhaustion exhaustion) {
      rethrow();
    }

    @Override
    public void onPressureChanged(PressureChange change) {
      rethrow();
    }

    @Override
    public void onViolation(InvalidFreeException violation) {
      rethrow();
    }

    private void rethrow() {
      calls.incrementAndGet();
      Thrower.<RuntimeException>sneaky(thrown);
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> void sneaky(Throwable thrown) throws T {
      throw (T) thrown;
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {IllegalStateException.class, AssertionError.class, IOException.class})
  void whatAListenerThrowsGoesNoFurther(Class<? extends Throwable> type) throws Exception {
    Throwable thrown = type.getConstructor().newInstance();
    Thrower thrower = new Thrower(thrown, new AtomicInteger());
    RecordingListener next = new RecordingListener();
    MemoryPool pool = MemoryPool.builder().tier(64, 1).listener(thrower).listener(next).build();
    MemoryBlock block = pool.allocate(1);
    assertThat(pool.tryAllocate(1)).isNull();
    block.close();
    assertThatThrownBy(block::close).isInstanceOf(InvalidFreeException.class);
    assertThat(next.take()).hasSize(6);
    assertThat(thrower.calls.get()).isEqualTo(6);
    finish(pool);
  }

  /** Makes room for others when the pool is exhausted, as real ones do. */
  @ParameterizedTest
  @ValueSource(ints = {4, 100})
  void aListenerMayUseThePool(int blocks) {
    MemoryPool[] self = new MemoryPool[1];
    PoolListener shedder =
        new PoolListener() {
          @Override
          public void onExhausted(Exhaustion exhaustion) {
            live.removeFirst().close();
            live.add(self[0].allocate(1));
            live.removeFirst().close();
          }

          @Override
          public void onPressureChanged(PressureChange change) {
            assertThat(self[0].stats().used()).isPositive();
            assertThat(self[0].dump()).contains("pool");
            self[0].verify().orThrow();
          }
        };
    MemoryPool pool = MemoryPool.builder().tier(64, blocks).listener(shedder).build();
    self[0] = pool;
    for (int i = 0; i < blocks; i++) {
      live.add(pool.allocate(1));
    }
    assertThat(pool.tryAllocate(1)).as("this request was refused already").isNull();
    live.add(pool.allocate(1));
    assertThat(pool.stats().used()).isEqualTo(blocks);
    finish(pool);
  }

  /** Each event waits for another thread that needs the queue's lock and the tier's. */
  @ParameterizedTest
  @ValueSource(ints = {1, 65})
  void listenersAreCalledOutsideOfAllLocks(int blocks) throws Exception {
    MemoryPool[] self = new MemoryPool[1];
    AtomicInteger nested = new AtomicInteger();
    PoolListener asker =
        new PoolListener() {
          @Override
          public void onPressureChanged(PressureChange change) {
            if (nested.getAndIncrement() == 0) {
              ask(self[0]);
            }
            nested.decrementAndGet();
          }
        };
    MemoryPool pool = MemoryPool.builder().tier(64, blocks).listener(asker).build();
    self[0] = pool;
    for (int i = 1; i < blocks; i++) {
      live.add(pool.allocate(1));
    }
    Threads.together(
        3,
        Thread.ofPlatform(),
        thread -> {
          for (int i = 0; i < 300; i++) {
            pool.allocate(1, Duration.ofSeconds(10)).close();
          }
        });
    finish(pool);
  }

  private static void ask(MemoryPool pool) {
    try {
      Threads.elsewhere(() -> queueUp(pool));
    } catch (Exception failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static boolean queueUp(MemoryPool pool) throws InterruptedException {
    try {
      pool.verify().orThrow();
      pool.allocate(1, Duration.ofNanos(1)).close();
      return true;
    } catch (PoolExhaustedException exhausted) {
      return false;
    }
  }

  @Test
  void aListenerMayCloseThePoolUnderAnAllocation() {
    for (int blocks : new int[] {1, 70}) {
      MemoryPool[] self = new MemoryPool[1];
      PoolListener closer =
          new PoolListener() {
            @Override
            public void onPressureChanged(PressureChange change) {
              self[0].closeNow();
            }
          };
      MemoryPool pool =
          MemoryPool.builder().name("p").tier(64, blocks).thresholds(1, 2).listener(closer).build();
      self[0] = pool;
      assertThatThrownBy(() -> allocateUntilClosed(pool))
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage("pool 'p' is closed");
      assertThat(pool.isClosed()).isTrue();
      assertThatThrownBy(() -> pool.allocateHandle(1)).hasMessage("pool 'p' is closed");
    }
  }

  private static void allocateUntilClosed(MemoryPool pool) {
    for (int i = 0; i <= 70; i++) {
      pool.allocate(1);
    }
  }
}
