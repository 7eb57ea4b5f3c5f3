package io.cistern.mqtt;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.PressureLimits;
import io.cistern.VerifyReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;

/**
 * A small manager, and diagnostics of it as a test wants them. Closing it asserts what must hold
 * after every test: nothing is live, and everything verifies.
 */
final class Node implements AutoCloseable {
  static final String NAME = "gw-1";
  static final int BLOCKS = 8;

  final PoolManager manager =
      PoolManager.builder()
          .budgetBytes(1 << 20)
          .pool("main", MemoryPool.builder().tier(256, BLOCKS).tier(1024, BLOCKS))
          .pool("other", MemoryPool.builder().tier(64, BLOCKS))
          .build();
  final MemoryPool pool = manager.pool("main");

  /** As most tests want it: quick. */
  MqttDiagnostics.Builder to(int port) {
    return MqttDiagnostics.builder(manager)
        .broker("127.0.0.1", port)
        .node(NAME)
        .interval(Duration.ofMillis(200))
        .reconnect(Duration.ofMillis(50), Duration.ofMillis(400));
  }

  static void awaitConnected(MqttDiagnostics diagnostics) {
    Awaitility.await("connected")
        .atMost(Subscriber.PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(diagnostics::isConnected);
  }

  static void awaitLost(MqttDiagnostics diagnostics) {
    Awaitility.await("connection lost")
        .atMost(Subscriber.PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> !diagnostics.isConnected());
  }

  /** Takes every block of the pool, asks for so many more, and gives all back. */
  void refuse(int times) {
    List<MemoryBlock> blocks = new ArrayList<>();
    for (int i = 0; i < BLOCKS; i++) {
      blocks.add(pool.allocate(1000));
    }
    for (int i = 0; i < times; i++) {
      Assertions.assertThat(pool.tryAllocate(1000)).isNull();
    }
    blocks.forEach(MemoryBlock::close);
  }

  /** Four events, each told by itself: the pool and the whole become critical, and normal again. */
  void tellFour() {
    try (MemoryBlock block = pool.allocate(1000)) {
      Assertions.assertThat(block.byteSize()).isEqualTo(1000);
      manager.setPressureLimits(PressureLimits.defaults().withUsedPercent(1, 2));
      manager.setPressureLimits(PressureLimits.defaults());
    }
  }

  /** One event, told at once and by itself: a free of a block that is free. */
  void doubleFree() {
    long handle = pool.allocateHandle(200);
    pool.free(handle);
    Assertions.assertThatThrownBy(() -> pool.free(handle)).hasMessageContaining("DOUBLE_FREE");
  }

  @Override
  public void close() {
    Assertions.assertThat(manager.stats().pools()).allMatch(each -> each.used() == 0);
    manager.verify().forEach(VerifyReport::orThrow);
    manager.close();
  }
}
