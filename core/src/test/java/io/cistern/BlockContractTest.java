package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The views of one allocation: their bounds, that they are the same memory, and their end. */
@EveryKind
class BlockContractTest extends MemoryPoolContract {
  BlockContractTest(PoolKind kind) {
    super(kind);
  }

  @Test
  void theFirstByteTooFarThrows() {
    for (long size : kind.sizes()) {
      try (MemoryBlock block = pool.allocate(size)) {
        assertBounds(block.segment(), size);
        assertBounds(pool.segment(block.handle()), size);
        ByteBuffer buffer = block.byteBuffer();
        buffer.put((int) size - 1, (byte) 1);
        assertThatThrownBy(() -> buffer.put((int) size, (byte) 1))
            .isInstanceOf(IndexOutOfBoundsException.class);
      }
    }
  }

  private static void assertBounds(MemorySegment segment, long size) {
    segment.set(ValueLayout.JAVA_BYTE, size - 1, (byte) 1);
    assertThatThrownBy(() -> segment.set(ValueLayout.JAVA_BYTE, size, (byte) 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> segment.get(ValueLayout.JAVA_BYTE, -1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void allViewsAreTheSameMemory() {
    long size = pool.maxSize();
    try (MemoryBlock block = pool.allocate(size)) {
      block.segment().set(ValueLayout.JAVA_BYTE, size - 1, (byte) 42);
      long at = pool.offset(block.handle()) + size - 1;
      assertThat(pool.region().get(ValueLayout.JAVA_BYTE, at)).isEqualTo((byte) 42);
      assertThat(block.byteBuffer().get((int) size - 1)).isEqualTo((byte) 42);
      assertThat(pool.segment(block.handle())).isEqualTo(block.segment());
      assertThat(pool.segment(block.handle()).address())
          .isEqualTo(pool.region().address() + pool.offset(block.handle()));
    }
  }

  @Test
  void buffersStartAtZeroAndAreBigEndianAndDirect() {
    try (MemoryBlock block = pool.allocate(pool.maxSize())) {
      ByteBuffer buffer = block.byteBuffer();
      assertThat(buffer.position()).isZero();
      assertThat(buffer.limit()).isEqualTo((int) block.byteSize());
      assertThat(buffer.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
      assertThat(buffer.isDirect()).isTrue();
      assertThat(buffer.isReadOnly()).isFalse();
    }
  }

  @Test
  void aBlockAndItsHandleLiveAndDieTogether() {
    MemoryBlock block = pool.allocate(1);
    assertThat(block.isLive()).isTrue();
    assertThat(pool.isLive(block.handle())).isTrue();
    assertThat(block.toString()).startsWith("MemoryBlock[block ").endsWith(", 1 B, live]");
    block.close();
    assertThat(block.isLive()).isFalse();
    assertThat(pool.isLive(block.handle())).isFalse();
    assertThat(block.byteSize()).isEqualTo(1);
    assertThat(block.toString()).startsWith("MemoryBlock[block ").endsWith(", 1 B, freed]");
  }

  @Test
  void aFreedBlockShowsNoMemory() {
    MemoryBlock block = pool.allocate(pool.maxSize());
    long handle = block.handle();
    block.close();
    assertGone(block, handle);
    try (MemoryBlock next = pool.allocate(pool.maxSize())) {
      assertThat(next.isLive()).isTrue();
      assertGone(block, handle);
    }
    assertGone(block, handle);
  }

  private void assertGone(MemoryBlock block, long handle) {
    String message = kind.describe(handle) + " was freed";
    assertThatThrownBy(block::segment)
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage(message);
    assertThatThrownBy(block::byteBuffer)
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage(message);
    assertNotLive(handle, () -> pool.segment(handle));
    assertNotLive(handle, () -> pool.offset(handle));
    assertNotLive(handle, () -> pool.byteSize(handle));
  }

  @Test
  void noHandleNamesNothing() {
    assertThat(pool.isLive(MemoryPool.NO_HANDLE)).isFalse();
    assertNotLive(0, () -> pool.segment(MemoryPool.NO_HANDLE));
    assertNotLive(-1, () -> pool.byteSize(-1));
  }

  private void assertNotLive(long handle, ThrowingCallable use) {
    assertThatThrownBy(use)
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessage("handle 0x%016x names no live allocation of pool '%s'", handle, kind.name());
  }

  @Test
  void arraysAreCopiedInAndOut() {
    try (MemoryBlock block = pool.allocate(kind.lastSize())) {
      int size = (int) block.byteSize();
      byte[] in = new byte[size + 2];
      for (int i = 0; i < in.length; i++) {
        in[i] = (byte) (i * 7 + 1);
      }
      block.copyFrom(0, in, 1, size);
      byte[] out = new byte[size + 2];
      block.copyTo(0, out, 1, size);
      assertThat(Arrays.copyOfRange(out, 1, size + 1))
          .isEqualTo(Arrays.copyOfRange(in, 1, size + 1));
      assertThat(out[0]).isZero();
      assertThat(out[size + 1]).isZero();
      assertThatThrownBy(() -> block.copyFrom(1, in, 0, size))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> block.copyTo(0, out, 3, size))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThat(block.segment().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo(in[1]);
    }
  }

  @Test
  void segmentsAreCutFromABlock() {
    try (MemoryBlock block = pool.allocate(kind.lastSize())) {
      SegmentAllocator allocator = block.allocator();
      for (long cut = 0; cut < block.byteSize(); cut++) {
        assertThat(allocator.allocate(1).address()).isEqualTo(block.segment().address() + cut);
      }
      assertThatThrownBy(() -> allocator.allocate(1)).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void theRegionNeverGrows() {
    long bytes = pool.region().byteSize();
    long redZones = pool.stats().checks().extraBytes();
    assertThat(redZones > 0).isEqualTo(kind.builder().checks.redZone() > 0);
    assertThat(bytes).isEqualTo(kind.builder().regionBytes() + redZones);
    for (int i = 0; i < 3; i++) {
      freeAll(exhaust(1));
    }
    assertThat(pool.region().byteSize()).isEqualTo(bytes);
    assertThat(pool.stats().regionBytes()).isEqualTo(bytes - redZones);
  }
}
