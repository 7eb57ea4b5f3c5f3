package io.cistern.jetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cistern.MemoryPool;
import io.cistern.PoolExhaustedException;
import io.cistern.PoolManager;
import io.cistern.QuotaExceededException;
import io.cistern.Spill;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What happens when there is no block: all that the pool may do, and then an error. Budget: 5 s.
 */
@Timeout(60)
class ExhaustionTest {
  private static List<RetainableByteBuffer> take(
      CisternByteBufferPool buffers, int count, int size) {
    List<RetainableByteBuffer> taken = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      taken.add(buffers.acquire(size, true));
    }
    return taken;
  }

  private static void release(List<RetainableByteBuffer> taken) {
    taken.forEach(RetainableByteBuffer::release);
    taken.clear();
  }

  @Test
  void isTheErrorOfDirectMemoryWithTheFigures() throws Exception {
    String page = Files.readString(Path.of("..", "..", "docs", "integrations-jetty.md"));
    try (MemoryPool pool = MemoryPool.builder().name("main").tier(4096, 2).build()) {
      CisternByteBufferPool buffers = new CisternByteBufferPool(pool);
      List<RetainableByteBuffer> taken = take(buffers, 2, 100);
      assertThatExceptionOfType(OutOfMemoryError.class)
          .isThrownBy(() -> buffers.acquire(100, true))
          .withMessage(
              "cannot reserve 4096 B of direct memory: pool 'main' is exhausted: asked 4096 B, largest free block 0 B, free 0 B, used 8192 B, limit 8192 B")
          .satisfies(error -> assertThat(page).contains("\n" + error.getMessage() + "\n"))
          .withCauseInstanceOf(PoolExhaustedException.class);
      assertThat(buffers.getExhaustedCount()).isEqualTo(1);
      buffers.acquire(100, false).release();
      release(taken);
      buffers.acquire(100, true).release();
      Pools.assertIdle(buffers);
    }
  }

  @Test
  void largerThanAnyBlockIsTheSameError() {
    try (MemoryPool pool = MemoryPool.builder().name("tight").tier(4096, 2).build()) {
      CisternByteBufferPool buffers = new CisternByteBufferPool(pool);
      assertThatExceptionOfType(OutOfMemoryError.class)
          .isThrownBy(() -> buffers.acquire(4097, true))
          .withMessage("cannot reserve 4097 B of direct memory: pool 'tight' serves up to 4096 B");
      assertThat(pool.stats().refused()).isZero();
    }
  }

  @Test
  void fallbackMemoryServesWhatThePoolCannot() {
    try (MemoryPool pool = MemoryPool.builder().tier(4096, 1).fallback(100_000).build()) {
      CisternByteBufferPool buffers = new CisternByteBufferPool(pool);
      List<RetainableByteBuffer> taken = take(buffers, 2, 100);
      taken.add(buffers.acquire(70_000, true));
      assertThat(taken.getLast().capacity()).isEqualTo(70_000);
      assertThat(buffers.getDirectMemory()).isEqualTo(4096 + 4096 + 70_000);
      assertThat(buffers.getUsedDirectByteBufferCount()).isEqualTo(3);
      assertThatExceptionOfType(OutOfMemoryError.class)
          .isThrownBy(() -> buffers.acquire(30_000, true));
      release(taken);
      Pools.assertIdle(buffers);
    }
  }

  @Test
  void aGrowingPoolGrowsFirst() {
    try (MemoryPool pool =
        MemoryPool.builder().tier(4096, 4).regions(1, 3, Duration.ofMinutes(1)).build()) {
      CisternByteBufferPool buffers = new CisternByteBufferPool(pool);
      List<RetainableByteBuffer> taken = take(buffers, 12, 100);
      assertThatExceptionOfType(OutOfMemoryError.class)
          .isThrownBy(() -> buffers.acquire(100, true))
          .withMessageContaining("used 49152 B, limit 49152 B");
      release(taken);
      Pools.assertIdle(buffers);
    }
  }

  @Test
  void aQuotaRefusesWithTheSameError() {
    try (PoolManager manager =
        PoolManager.builder()
            .pool("main", MemoryPool.builder().tier(4096, 4))
            .quota("web", 8192, 0, false)
            .build()) {
      CisternByteBufferPool buffers =
          new CisternByteBufferPool(manager.pool("main").chargedTo(manager.quota("web")));
      List<RetainableByteBuffer> taken = take(buffers, 2, 100);
      assertThatExceptionOfType(OutOfMemoryError.class)
          .isThrownBy(() -> buffers.acquire(100, true))
          .withMessageStartingWith("cannot reserve 4096 B of direct memory: quota 'web' of 8192 B")
          .withCauseInstanceOf(QuotaExceededException.class);
      release(taken);
      assertThat(manager.quota("web").usedBytes()).isZero();
    }
  }

  @Test
  void aSecondPoolHasWhatTheFirstHasNot() {
    try (MemoryPool first = MemoryPool.builder().spill(Spill.OFF).tier(4096, 2).build();
        MemoryPool second = MemoryPool.builder().tier(8192, 2).tier(70_000, 1).build()) {
      CisternByteBufferPool buffers = new CisternByteBufferPool(first, second);
      for (int round = 0; round < 3; round++) {
        List<RetainableByteBuffer> taken = take(buffers, 4, 100);
        taken.add(buffers.acquire(70_000, true));
        assertThat(first.stats().used()).isEqualTo(2);
        assertThat(second.stats().used()).isEqualTo(3);
        assertThat(buffers.getAvailableDirectByteBufferCount()).isZero();
        assertThatExceptionOfType(OutOfMemoryError.class)
            .isThrownBy(() -> buffers.acquire(100, true));
        release(taken);
      }
      assertThat(first.stats().failed()).as("there is another").isZero();
      assertThat(buffers.getExhaustedCount()).isEqualTo(3);
      Pools.assertIdle(buffers);
    }
  }

  @Test
  void itsOwnPoolsGrowAndServeAnySize() {
    try (CisternByteBufferPool own = new CisternByteBufferPool()) {
      List<RetainableByteBuffer> taken = take(own, 2000, 8192);
      taken.add(own.acquire(10 << 20, true));
      assertThat(own.getUsedDirectByteBufferCount()).isEqualTo(2001);
      assertThat(own.pools().getLast().stats().regions().count()).isPositive();
      assertThat(own.getExhaustedCount()).isZero();
      release(taken);
      Pools.assertIdle(own);
    }
  }

  @Test
  void itsOwnPoolsGrowWithTheJavaHeap() {
    long mib = 1 << 20;
    assertThat(DefaultPools.growthBytes(16 * mib)).isEqualTo(64 * mib);
    assertThat(DefaultPools.growthBytes(1024 * mib)).isEqualTo(256 * mib);
    assertThat(DefaultPools.growthBytes(16_384 * mib)).isEqualTo(1024 * mib);
  }
}
