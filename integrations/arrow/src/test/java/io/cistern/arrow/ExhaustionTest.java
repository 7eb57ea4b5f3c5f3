package io.cistern.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.MemoryPool;
import io.cistern.PoolExhaustedException;
import io.cistern.PoolManager;
import io.cistern.PoolStats;
import io.cistern.QuotaExceededException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.IntVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nothing left to take: what is thrown, and that all goes on afterwards. Budget: 5 seconds. */
@Timeout(60)
class ExhaustionTest {
  @Test
  void anExhaustedPoolIsArrowsOutOfMemoryException() {
    try (MemoryPool pool = MemoryPool.builder().name("vectors").tier(4096, 2).build();
        RootAllocator root = Memory.root(new CisternAllocationManagerFactory(pool));
        ArrowBuf first = root.buffer(4096);
        ArrowBuf second = root.buffer(3000)) {
      assertThatThrownBy(() -> root.buffer(2000))
          .isInstanceOf(OutOfMemoryException.class)
          .hasMessage(
              "Unable to allocate buffer of size 2048: pool 'vectors' is exhausted: asked 2048 B, largest free block 0 B, free 0 B, used 8192 B, limit 8192 B")
          .hasCauseInstanceOf(PoolExhaustedException.class);
      assertThat(root.getAllocatedMemory()).isEqualTo(8192);
      assertThat(first.refCnt() + second.refCnt()).isEqualTo(2);
    }
  }

  @Test
  void aSizeThatThePoolNeverServesIsOneToo() {
    try (MemoryPool pool = MemoryPool.builder().name("vectors").tier(4096, 2).build();
        RootAllocator root = Memory.root(new CisternAllocationManagerFactory(pool))) {
      assertThatThrownBy(() -> root.buffer(8192))
          .isInstanceOf(OutOfMemoryException.class)
          .hasMessageContaining("Unable to allocate buffer of size 8192: ")
          .hasMessageContaining("4096");
      assertThatThrownBy(() -> root.buffer(3L << 30)).isInstanceOf(OutOfMemoryException.class);
      assertThat(root.getAllocatedMemory()).isZero();
    }
  }

  @Test
  void theBooksOfAllAllocatorsAreAsBeforeAndTheNextRequestIsServed() {
    try (MemoryPool pool = MemoryPool.builder().tier(4096, 2).build();
        RootAllocator root = Memory.root(new CisternAllocationManagerFactory(pool));
        BufferAllocator child = root.newChildAllocator("child", 1024, 1 << 20);
        ArrowBuf first = child.buffer(4096)) {
      long freed;
      try (ArrowBuf second = root.buffer(4096)) {
        freed = second.memoryAddress();
        assertThatThrownBy(() -> child.buffer(100)).isInstanceOf(OutOfMemoryException.class);
        assertThat(child.getAllocatedMemory()).isEqualTo(4096);
        assertThat(root.getAllocatedMemory()).isEqualTo(8192);
        assertThat(root.buffer(0).capacity()).isZero();
      }
      try (ArrowBuf again = child.buffer(100)) {
        assertThat(again.memoryAddress()).isEqualTo(freed);
        assertThat(child.getAllocatedMemory()).isEqualTo(4096 + 128);
      }
      assertThat(first.capacity()).isEqualTo(4096);
    }
  }

  @Test
  void aVectorThatCannotGrowKeepsItsValues() {
    try (MemoryPool pool = MemoryPool.builder().tier(1024, 4).build();
        RootAllocator root = Memory.root(new CisternAllocationManagerFactory(pool));
        IntVector vector = new IntVector("v", root)) {
      vector.allocateNew(100);
      int set = 0;
      try {
        while (true) {
          vector.setSafe(set, set);
          set++;
        }
      } catch (OutOfMemoryException full) {
        assertThat(full).hasMessageContaining("Unable to allocate buffer of size 2048");
      }
      vector.setValueCount(set);
      for (int i = 0; i < set; i++) {
        assertThat(vector.get(i)).isEqualTo(i);
      }
      assertThat(set).isGreaterThan(100);
    }
  }

  @Test
  void growthAndFallbackAreUsedAsThePoolHasThem() {
    try (MemoryPool pool =
            MemoryPool.builder()
                .variable(1 << 20)
                .regions(1, 2, Duration.ofSeconds(30))
                .fallback(4 << 20)
                .build();
        RootAllocator root = Memory.root(new CisternAllocationManagerFactory(pool))) {
      List<ArrowBuf> live = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        live.add(root.buffer(1 << 20));
      }
      assertThat(pool.stats().regions().count()).isEqualTo(2);
      assertThat(pool.stats().fallback())
          .isNotNull()
          .returns(4L << 20, PoolStats.Fallback::liveBytes);
      assertThatThrownBy(() -> root.buffer(64)).isInstanceOf(OutOfMemoryException.class);
      live.forEach(ArrowBuf::close);
      assertThat(pool.stats().used()).isZero();
    }
  }

  @Test
  void aQuotaThatRefusesIsOneTooAndOthersAreNotAffected() {
    try (PoolManager manager =
        PoolManager.builder()
            .pool("main", MemoryPool.builder().tier(4096, 16))
            .quota("arrow", 8192, 0, false)
            .build()) {
      MemoryPool pool = manager.pool("main");
      MemoryPool charged = pool.chargedTo(manager.quota("arrow"));
      try (RootAllocator root = Memory.root(new CisternAllocationManagerFactory(charged));
          ArrowBuf first = root.buffer(4096);
          ArrowBuf second = root.buffer(100)) {
        assertThat(manager.quota("arrow").usedBytes()).isEqualTo(8192);
        assertThatThrownBy(() -> root.buffer(64))
            .isInstanceOf(OutOfMemoryException.class)
            .hasMessageContaining("arrow")
            .hasCauseInstanceOf(QuotaExceededException.class);
        pool.allocate(4096).close();
        assertThat(first.capacity() + second.capacity()).isEqualTo(4224);
      }
      assertThat(manager.quota("arrow").usedBytes()).isZero();
    }
  }
}
