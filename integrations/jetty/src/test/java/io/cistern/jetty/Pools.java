package io.cistern.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryPool;
import java.util.List;
import org.awaitility.Awaitility;

/** Pools for tests, and what must hold at the end of each. */
final class Pools {
  private Pools() {}

  /** Room for a busy little server. */
  static MemoryPool small() {
    return MemoryPool.builder()
        .name("small")
        .tier(4096, 64)
        .tier(8192, 64)
        .tier(16_384, 64)
        .tier(65_536, 32)
        .build();
  }

  /** No block is live, and nothing is wrong. */
  static void assertIdle(CisternByteBufferPool buffers) {
    for (MemoryPool pool : buffers.pools()) {
      assertThat(pool.stats().used()).as(pool.dump()).isZero();
      pool.verify().orThrow();
    }
  }

  /** As {@link #assertIdle}, once other threads have released what they hold. */
  static void awaitIdle(CisternByteBufferPool buffers) {
    Awaitility.await().untilAsserted(() -> assertIdle(buffers));
  }

  static List<Boolean> bothKinds() {
    return List.of(true, false);
  }
}
