package io.cistern.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cistern.MemoryPool;
import io.cistern.PoolExhaustedException;
import io.cistern.PoolManager;
import io.cistern.QuotaExceededException;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What happens when a pool cannot serve a buffer. */
final class ExhaustionTest {
  @Test
  void anExhaustedPoolThrowsAnErrorWithTheNumbers() {
    try (MemoryPool pool = MemoryPool.builder().name("small").tier(256, 2).build()) {
      CisternByteBufAllocator allocator = new CisternByteBufAllocator(pool);
      List<ByteBuf> held = Stream.generate(() -> allocator.directBuffer(256)).limit(2).toList();
      assertThatExceptionOfType(OutOfMemoryError.class)
          .isThrownBy(() -> allocator.directBuffer(200))
          .withMessage(
              "failed to allocate 200 B of direct memory (used: 512 B): pool 'small' is exhausted:"
                  + " asked 200 B, largest free block 0 B, free 0 B, used 512 B, limit 512 B")
          .withCauseInstanceOf(PoolExhaustedException.class);
      held.getFirst().release();
      allocator.directBuffer(200).release();
      held.getLast().release();
    }
  }

  @Test
  void aCapacityThatThePoolNeverServesThrowsTheSameError() {
    try (MemoryPool pool = MemoryPool.builder().name("small").tier(256, 2).build()) {
      CisternByteBufAllocator allocator = new CisternByteBufAllocator(pool);
      assertThatExceptionOfType(OutOfMemoryError.class)
          .isThrownBy(() -> allocator.directBuffer(257))
          .withMessage(
              "failed to allocate 257 B of direct memory (used: 0 B): pool 'small' serves at most 256 B");
      assertThatExceptionOfType(OutOfMemoryError.class)
          .isThrownBy(() -> allocator.directBuffer(Integer.MAX_VALUE));
    }
  }

  @Test
  void aPoolThatMayGrowOrFallBackDoes() {
    try (MemoryPool pool =
        MemoryPool.builder()
            .tier(256, 2)
            .regions(1, 2, Duration.ofSeconds(30))
            .fallback(1000)
            .build()) {
      CisternByteBufAllocator allocator = new CisternByteBufAllocator(pool);
      List<ByteBuf> held =
          IntStream.range(0, 6).mapToObj(i -> allocator.directBuffer(256).writeInt(i)).toList();
      assertThat(pool.stats().regions().count()).isEqualTo(2);
      assertThat(allocator.metric().usedDirectMemory()).isEqualTo(6 * 256);
      assertThatExceptionOfType(OutOfMemoryError.class)
          .isThrownBy(() -> allocator.directBuffer(600));
      for (int i = 0; i < 6; i++) {
        assertThat(held.get(i).getInt(0)).isEqualTo(i);
        held.get(i).release();
      }
      ByteBuf large = allocator.directBuffer(1000);
      assertThat(large.capacity()).isEqualTo(1000);
      large.release();
    }
  }

  @Test
  void aQuotaOfAManagerIsExhaustedInTheSameWay() {
    try (PoolManager manager =
        PoolManager.builder()
            .pool("buffers", MemoryPool.builder().tier(256, 8))
            .quota("netty", 512, 0, false)
            .build()) {
      MemoryPool pool = manager.pool("buffers").chargedTo(manager.quota("netty"));
      CisternByteBufAllocator allocator = new CisternByteBufAllocator(pool);
      ByteBuf first = allocator.directBuffer(256);
      ByteBuf second = allocator.directBuffer(1);
      assertThatExceptionOfType(OutOfMemoryError.class)
          .isThrownBy(() -> allocator.directBuffer(1))
          .withMessageContaining("quota 'netty' of 512 B: 256 B asked for, 512 B used")
          .withCauseInstanceOf(QuotaExceededException.class);
      assertThat(manager.quota("netty").usedBytes()).isEqualTo(512);
      first.release();
      second.release();
      assertThat(manager.quota("netty").usedBytes()).isZero();
    }
  }

  @Test
  void aConfinedPoolIsRefused() {
    try (MemoryPool pool = MemoryPool.builder().name("mine").tier(256, 2).confined().build()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new CisternByteBufAllocator(pool))
          .withMessage(
              "pool 'mine' is confined to a thread: Netty releases buffers on any thread, build the pool without confinedTo");
    }
  }
}
