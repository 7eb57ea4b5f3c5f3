package io.cistern.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.CheckLevel;
import io.cistern.Damage;
import io.cistern.MemoryPool;
import io.cistern.PoolListener;
import io.cistern.PoolManager;
import io.cistern.PoolStats;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.AllocationManager;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferLedger;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What pools offer holds for what Arrow takes from them. Time budget: 5 seconds. */
@Timeout(60)
class GivenPoolsTest {
  @Test
  void aPoolThatWasGivenIsNotClosed() {
    try (MemoryPool pool = MemoryPool.builder().tier(4096, 2).build()) {
      CisternAllocationManagerFactory ours = new CisternAllocationManagerFactory(pool);
      assertThat(ours.pools()).containsExactly(pool);
      ours.close();
      assertThat(pool.isClosed()).isFalse();
      try (RootAllocator root = Memory.root(ours)) {
        root.buffer(100).close();
      }
    }
  }

  @Test
  void aPoolOfOneThreadIsRefused() {
    try (MemoryPool confined = MemoryPool.builder().name("loop").tier(64, 1).confined().build();
        MemoryPool shared = MemoryPool.builder().tier(64, 1).build()) {
      assertThatThrownBy(() -> new CisternAllocationManagerFactory(confined))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("pool 'loop' is confined to a thread: Arrow's buffers are released by any");
      assertThatThrownBy(() -> new CisternAllocationManagerFactory(confined, shared))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> new CisternAllocationManagerFactory(shared, confined))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void theSecondPoolHasWhatTheFirstHasNot() {
    try (MemoryPool small = MemoryPool.builder().name("small").tier(1024, 1).build();
        MemoryPool large = MemoryPool.builder().name("large").variable(1 << 20).build();
        RootAllocator root = Memory.root(new CisternAllocationManagerFactory(small, large));
        ArrowBuf fits = root.buffer(1024);
        ArrowBuf spills = root.buffer(1024);
        ArrowBuf tooLarge = root.buffer(2048)) {
      assertThat(small.stats().used()).isOne();
      assertThat(large.stats().usedBytes()).isEqualTo(spills.capacity() + tooLarge.capacity());
      assertThat(fits.memoryAddress()).isEqualTo(small.region().address());
    }
  }

  @Test
  void aClosedPoolSaysSoAndArrowsBooksStayRight() {
    MemoryPool pool = MemoryPool.builder().name("gone").tier(4096, 2).build();
    try (RootAllocator root = Memory.root(new CisternAllocationManagerFactory(pool))) {
      ArrowBuf late = root.buffer(100);
      pool.closeNow();
      assertThatThrownBy(() -> root.buffer(100))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("gone");
      assertThat(root.getAllocatedMemory()).isEqualTo(128);
      late.close();
      assertThat(root.getAllocatedMemory()).isZero();
    }
  }

  @Test
  void anAllocatorThatIsClosedGetsNoBlock() {
    try (MemoryPool pool = MemoryPool.builder().tier(4096, 1).build()) {
      CisternAllocationManagerFactory ours = new CisternAllocationManagerFactory(pool);
      RootAllocator root = Memory.root(ours);
      root.close();
      assertThatThrownBy(() -> ours.create(root, 100)).isInstanceOf(IllegalStateException.class);
      assertThat(pool.stats().used()).isZero();
    }
  }

  @Test
  void anAllocationOfNoBytesTakesNoBlock() {
    try (MemoryPool pool = MemoryPool.builder().tier(4096, 1).build();
        RootAllocator root = Memory.root(new CisternAllocationManagerFactory(pool))) {
      AllocationManager none = new CisternAllocationManagerFactory(pool).create(root, 0);
      assertThat(none.getSize()).isZero();
      assertThat(((CisternAllocationManager) none).memoryAddress()).isNotZero();
      ((CisternAllocationManager) none).release0();
      assertThat(pool.stats().allocations()).isZero();
    }
  }

  @Test
  void thereIsOneEmptyBufferForAll() {
    try (MemoryPool pool = MemoryPool.builder().tier(4096, 1).build()) {
      ArrowBuf empty = new CisternAllocationManagerFactory(pool).empty();
      assertThat(empty).isSameAs(new CisternAllocationManagerFactory(pool, pool).empty());
      assertThat(empty.memoryAddress() % 64).isZero();
    }
  }

  @Test
  void oneManagerShowsWhichFrameworkHasWhat() {
    try (PoolManager manager =
        PoolManager.builder()
            .budgetBytes(4 << 20)
            .pool("shared", MemoryPool.builder().variable(2 << 20).labels())
            .build()) {
      MemoryPool shared = manager.pool("shared");
      try (RootAllocator root =
              Memory.root(new CisternAllocationManagerFactory(shared.labelled("arrow")));
          ArrowBuf buffer = root.buffer(4096)) {
        shared.labelled("netty").allocate(1000).close();
        assertThat(buffer.refCnt()).isOne();
        assertThat(shared.stats().labels())
            .filteredOn(label -> label.liveBlocks() > 0)
            .singleElement()
            .returns("arrow", PoolStats.Label::name)
            .returns(4096L, PoolStats.Label::liveBytes);
      }
      assertThat(shared.stats().used()).isZero();
    }
  }

  /** On Arrow's own memory nobody would ever know. */
  @Test
  void aWriteAfterTheReleaseIsFoundInACheckedPool() {
    List<Damage> found = new ArrayList<>();
    PoolListener listener =
        new PoolListener() {
          @Override
          public void onDamage(Damage damage) {
            found.add(damage);
          }
        };
    try (MemoryPool pool =
            MemoryPool.builder()
                .tier(4096, 4)
                .checks(CheckLevel.CHECKED)
                .listener(listener)
                .build();
        RootAllocator root = Memory.root(new CisternAllocationManagerFactory(pool))) {
      ArrowBuf released = root.buffer(1000);
      released.close();
      assertThatThrownBy(() -> released.setLong(0, 1)).isInstanceOf(IllegalStateException.class);
      MemoryUtil.putLong(released.memoryAddress() + 16, 0xBADL);
      assertThat(pool.verify().ok()).isFalse();
      for (int i = 0; i < 4; i++) {
        root.buffer(1000).close();
      }
      assertThat(found)
          .singleElement()
          .asString()
          .contains("was written to after it was freed, at bytes 16 to 23")
          .contains("CisternAllocationManagerFactory.create");
    }
  }

  @Test
  void theSizeIsExactlyWhatWasAskedForNotTheBlocks() {
    try (MemoryPool pool = MemoryPool.builder().tier(4096, 1).build();
        RootAllocator root = Memory.root(new CisternAllocationManagerFactory(pool));
        ArrowBuf buffer = root.buffer(100)) {
      AllocationManager manager =
          ((BufferLedger) buffer.getReferenceManager()).getAllocationManager();
      assertThat(manager.getSize()).isEqualTo(128);
      assertThat(root.getAllocatedMemory()).isEqualTo(128);
      assertThat(pool.stats().usedBytes()).isEqualTo(4096);
    }
  }
}
