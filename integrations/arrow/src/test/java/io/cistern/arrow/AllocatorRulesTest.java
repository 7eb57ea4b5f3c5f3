package io.cistern.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.arrow.Memory.Opened;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.AllocationListener;
import org.apache.arrow.memory.AllocationOutcome;
import org.apache.arrow.memory.AllocationReservation;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.memory.OwnershipTransferResult;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What Arrow's allocators promise holds on our memory as on its own. Time budget: 5 seconds. */
@Timeout(60)
class AllocatorRulesTest {
  @ParameterizedTest
  @EnumSource
  void buffersOfAnySizeAreExactlyAsLongAsArrowRoundedThem(Memory memory) {
    try (Opened opened = memory.open()) {
      for (long size : new long[] {1, 2, 63, 64, 65, 1000, 4096, 70_000, 1 << 20, 3_000_001}) {
        try (ArrowBuf buffer = opened.root().buffer(size)) {
          long rounded = size == 1 ? 2 : Long.highestOneBit(2 * size - 1);
          assertThat(buffer.capacity()).isEqualTo(rounded);
          assertThat(buffer.getReferenceManager().getSize()).isEqualTo(rounded);
          assertThat(buffer.getActualMemoryConsumed()).isEqualTo(rounded);
          assertThat(opened.root().getAllocatedMemory()).isEqualTo(rounded);
          assertThat(buffer.memoryAddress() % 8).isZero();
          buffer.setByte(0, 1);
          buffer.setByte(rounded - 1, 2);
          assertThat(buffer.getByte(0) + buffer.getByte(rounded - 1)).isEqualTo(3);
          assertThatThrownBy(() -> buffer.getByte(rounded))
              .isInstanceOf(IndexOutOfBoundsException.class);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBufferAsTheJdkSeesItIsTheSameMemory(Memory memory) {
    try (Opened opened = memory.open();
        ArrowBuf buffer = opened.root().buffer(1024)) {
      buffer.nioBuffer(0, 1024).putInt(100, 42);
      assertThat(buffer.nioBuffer(100, 4).getInt()).isEqualTo(42);
      assertThat(buffer.getInt(100)).isEqualTo(Integer.reverseBytes(42));
    }
  }

  @ParameterizedTest
  @EnumSource
  void theEmptyBufferTakesNothingAndOutlivesItsRelease(Memory memory) {
    try (Opened opened = memory.open();
        BufferAllocator child = opened.root().newChildAllocator("child", 0, 1024)) {
      ArrowBuf empty = child.buffer(0);
      assertThat(empty).isSameAs(opened.root().getEmpty());
      assertThat(empty.capacity()).isZero();
      empty.close();
      empty.close();
      assertThat(empty.refCnt()).isOne();
      assertThat(opened.live()).isZero();
      assertThatThrownBy(() -> empty.getByte(0)).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void limitsAreArrowsOwn(Memory memory) {
    try (Opened opened = memory.open();
        BufferAllocator child = opened.root().newChildAllocator("child", 0, 4096);
        ArrowBuf first = child.buffer(4096)) {
      assertThatThrownBy(() -> child.buffer(1))
          .isInstanceOf(OutOfMemoryException.class)
          .hasMessage(
              "Unable to allocate buffer of size 2 (rounded from 1) due to memory limit. Current allocation: 4096");
      assertThat(child.getPeakMemoryAllocation()).isEqualTo(4096);
      assertThat(first.capacity()).isEqualTo(4096);
      assertThat(opened.live()).isEqualTo(memory == Memory.ARROW ? 0 : 1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void reservationsAreArrowsOwn(Memory memory) {
    try (Opened opened = memory.open();
        BufferAllocator child = opened.root().newChildAllocator("child", 8192, 1 << 20)) {
      assertThat(opened.root().getAllocatedMemory()).isEqualTo(8192);
      try (AllocationReservation reserved = child.newReservation()) {
        assertThat(reserved.add(1000L)).isTrue();
        assertThat(opened.live()).isZero();
        try (ArrowBuf buffer = reserved.allocateBuffer()) {
          assertThat(buffer.capacity()).isEqualTo(1024);
          assertThat(child.getAllocatedMemory()).isEqualTo(1024);
        }
      }
      assertThat(child.getAllocatedMemory()).isZero();
      assertThat(opened.root().getAllocatedMemory()).isEqualTo(8192);
    }
  }

  @ParameterizedTest
  @EnumSource
  void listenersHearTheSame(Memory memory) {
    List<String> heard = new ArrayList<>();
    try (Opened opened = memory.open(new Noting(heard));
        BufferAllocator child = opened.root().newChildAllocator("child", 0, 1024)) {
      child.buffer(600).close();
      assertThatThrownBy(() -> child.buffer(2048)).isInstanceOf(OutOfMemoryException.class);
    }
    assertThat(heard)
        .containsExactly(
            "child added",
            "before 1024",
            "took 1024",
            "gave 1024",
            "before 2048",
            "failed 2048",
            "child removed");
  }

  private record Noting(List<String> heard) implements AllocationListener {
    @Override
    public void onPreAllocation(long size) {
      heard.add("before " + size);
    }

    @Override
    public void onAllocation(long size) {
      heard.add("took " + size);
    }

    @Override
    public void onRelease(long size) {
      heard.add("gave " + size);
    }

    @Override
    public boolean onFailedAllocation(long size, AllocationOutcome outcome) {
      heard.add("failed " + size);
      return false;
    }

    @Override
    public void onChildAdded(BufferAllocator parent, BufferAllocator child) {
      heard.add(child.getName() + " added");
    }

    @Override
    public void onChildRemoved(BufferAllocator parent, BufferAllocator child) {
      heard.add(child.getName() + " removed");
    }
  }

  @ParameterizedTest
  @EnumSource
  void memoryIsGivenBackWhenTheLastOfItsOwnersLetsGo(Memory memory) {
    try (Opened opened = memory.open();
        BufferAllocator one = opened.root().newChildAllocator("one", 0, 4096);
        BufferAllocator two = opened.root().newChildAllocator("two", 0, 1024)) {
      ArrowBuf mine = one.buffer(2048);
      mine.setLong(0, 42);
      OwnershipTransferResult moved = mine.getReferenceManager().transferOwnership(mine, two);
      ArrowBuf theirs = moved.getTransferredBuffer();
      assertThat(moved.getAllocationFit()).isFalse();
      assertThat(one.getAllocatedMemory()).isZero();
      assertThat(two.getAllocatedMemory()).isEqualTo(2048);

      ArrowBuf shared = theirs.getReferenceManager().retain(theirs, one);
      ArrowBuf part = theirs.slice(0, 8);
      part.getReferenceManager().retain();
      mine.close();
      theirs.close();
      assertThat(shared.getLong(0)).isEqualTo(42);
      part.close();
      assertThat(one.getAllocatedMemory()).isEqualTo(2048);
      assertThat(opened.live()).isEqualTo(memory == Memory.ARROW ? 0 : 1);
      shared.close();
      assertThat(opened.live()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void anAllocatorWithLiveBuffersDoesNotClose(Memory memory) {
    try (Opened opened = memory.open()) {
      BufferAllocator child = opened.root().newChildAllocator("child", 0, 4096);
      ArrowBuf forgotten = child.buffer(100);
      assertThatThrownBy(child::close)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("Memory was leaked by query. Memory leaked: (128)");
      assertThat(forgotten.capacity()).isEqualTo(128);
    } catch (IllegalStateException leaked) {
      assertThat(leaked).hasMessageContaining("Memory leaked");
    }
  }
}
