package io.cistern.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cistern.MemoryPool;
import io.cistern.PoolStats;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocatorMetric;
import io.netty.util.ResourceLeakDetector;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Opening and closing, whose pool it is, what is measured and what is watched. */
final class LifecycleTest {
  @Test
  void oneOfItsOwnPoolsServesAnySize() {
    try (CisternByteBufAllocator allocator = new CisternByteBufAllocator()) {
      List<ByteBuf> held = new ArrayList<>();
      for (int capacity = 1; capacity <= 1 << 25; capacity <<= 1) {
        ByteBuf buffer = allocator.directBuffer(capacity);
        buffer.setByte(capacity - 1, 7);
        assertThat(buffer.getByte(capacity - 1)).isEqualTo((byte) 7);
        held.add(buffer);
      }
      held.forEach(ByteBuf::release);
      assertThat(allocator.metric().usedDirectMemory()).isZero();
    }
  }

  @Test
  void moreThanTheFirstPoolIsServedByTheOneBehind() {
    try (CisternByteBufAllocator allocator = new CisternByteBufAllocator()) {
      List<ByteBuf> held = new ArrayList<>();
      for (int i = 0; i < 2000; i++) {
        held.add(allocator.directBuffer(4096).writeInt(i));
      }
      assertThat(allocator.metric().usedDirectMemory()).isEqualTo(2000 * 4096);
      for (int i = 0; i < 2000; i++) {
        assertThat(held.get(i).getInt(0)).isEqualTo(i);
        held.get(i).release();
      }
      assertThat(allocator.metric().usedDirectMemory()).isZero();
    }
  }

  @Test
  void buffersGrowFromTheFirstPoolIntoTheOneBehindAndBeyond() {
    try (CisternByteBufAllocator allocator = new CisternByteBufAllocator()) {
      ByteBuf buffer = allocator.directBuffer(0).writeLong(42);
      for (int capacity = 64; capacity <= 1 << 24; capacity <<= 1) {
        buffer.capacity(capacity);
        assertThat(buffer.getLong(0)).isEqualTo(42);
        assertThat(allocator.metric().usedDirectMemory()).isEqualTo(capacity);
      }
      buffer.capacity(8);
      assertThat(buffer.getLong(0)).isEqualTo(42);
      assertThat(allocator.metric().usedDirectMemory()).isEqualTo(64);
      buffer.release();
    }
  }

  @Test
  void itsOwnPoolsAreBoundedByNettysLimit() {
    List<MemoryPool> pools = DefaultPools.open(1L << 30);
    MemoryPool more = pools.getLast();
    assertThat(more.stats().fallback())
        .extracting(PoolStats.Fallback::limitBytes)
        .isEqualTo(1L << 29);
    assertThat(pools.getFirst().stats().regionBytes()).isLessThan(8 << 20);
    assertThat(more.stats().regionBytes()).as("nothing of it yet").isZero();
    pools.forEach(MemoryPool::close);
  }

  @Test
  void closeRefusesWhileBuffersAreLive() {
    CisternByteBufAllocator allocator = new CisternByteBufAllocator();
    ByteBuf small = allocator.directBuffer(100);
    ByteBuf large = allocator.directBuffer(1 << 20);
    assertThatIllegalStateException()
        .isThrownBy(allocator::close)
        .withMessageStartingWith("pool 'netty-first' stays open: ");
    small.release();
    assertThatIllegalStateException()
        .isThrownBy(allocator::close)
        .withMessageStartingWith("pool 'netty' stays open: ");
    allocator.directBuffer(100).release(); // neither is closed
    large.release();
    allocator.close();
    allocator.close();
    assertThatIllegalStateException().isThrownBy(() -> allocator.directBuffer(100));
  }

  @Test
  void aPoolThatItWasGivenStaysOpen() {
    try (MemoryPool pool = MemoryPool.builder().tier(256, 2).build()) {
      new CisternByteBufAllocator(pool).close();
      assertThat(pool.isClosed()).isFalse();
    }
  }

  @Test
  void labelsTellWhoseBuffersTheyAre() {
    try (MemoryPool pool = MemoryPool.builder().tier(256, 2).labels().build()) {
      CisternByteBufAllocator allocator = new CisternByteBufAllocator(pool.labelled("netty"));
      ByteBuf buffer = allocator.directBuffer(100);
      assertThat(pool.stats().labels())
          .anyMatch(label -> label.name().equals("netty") && label.liveBytes() == 256);
      buffer.release();
    }
  }

  @Test
  void metricsMoveWithUse() {
    try (MemoryPool pool = MemoryPool.builder().tier(256, 2).tier(1024, 2).build()) {
      CisternByteBufAllocator allocator = new CisternByteBufAllocator(pool);
      ByteBufAllocatorMetric metric = allocator.metric();
      ByteBuf direct = allocator.directBuffer(256);
      ByteBuf heap = allocator.heapBuffer(100, 1000);
      assertThat(metric.usedDirectMemory()).isEqualTo(256);
      assertThat(metric.usedHeapMemory()).isEqualTo(100);
      direct.capacity(1000);
      heap.capacity(300);
      assertThat(metric.usedDirectMemory()).isEqualTo(1024);
      assertThat(metric.usedHeapMemory()).isEqualTo(300);
      direct.release();
      heap.release();
      assertThat(metric.usedDirectMemory()).isZero();
      assertThat(metric.usedHeapMemory()).isZero();
    }
  }

  @Test
  void isPooledAndPrefersDirectBuffersUnlessToldOtherwise() {
    try (MemoryPool pool = MemoryPool.builder().tier(256, 2).build()) {
      for (boolean direct : new boolean[] {true, false}) {
        CisternByteBufAllocator allocator = new CisternByteBufAllocator(pool, direct);
        assertThat(allocator.isDirectBufferPooled()).isTrue();
        ByteBuf buffer = allocator.buffer();
        ByteBuf io = allocator.ioBuffer();
        assertThat(buffer.isDirect()).isEqualTo(direct);
        assertThat(io.isDirect()).isTrue();
        buffer.release();
        io.release();
      }
    }
  }

  @Test
  void leaksAreWatchedForAsNettyDoes() {
    ResourceLeakDetector.Level before = ResourceLeakDetector.getLevel();
    try (MemoryPool pool = MemoryPool.builder().tier(256, 2).build()) {
      CisternByteBufAllocator allocator = new CisternByteBufAllocator(pool);
      ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
      ByteBuf watched = allocator.directBuffer(100);
      ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
      ByteBuf plain = allocator.directBuffer(100);
      assertThat(watched.getClass().getSimpleName()).isEqualTo("AdvancedLeakAwareByteBuf");
      assertThat(watched.alloc()).isSameAs(allocator);
      assertThat(plain).isInstanceOf(BlockByteBuf.class);
      watched.release();
      plain.release();
      assertThat(pool.stats().used()).isZero();
    } finally {
      ResourceLeakDetector.setLevel(before);
    }
  }
}
