package io.cistern.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.cistern.MemoryPool;
import io.netty.buffer.ByteBuf;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A buffer's capacity, and the block that it has for it. */
final class CapacityTest {
  private final MemoryPool pool =
      MemoryPool.builder().tier(64, 4).tier(256, 4).tier(1024, 4).tier(4096, 1).build();
  private final CisternByteBufAllocator allocator = new CisternByteBufAllocator(pool);

  @AfterEach
  void leavesNothingLive() {
    assertThat(pool.stats().used()).as(pool::dump).isZero();
    pool.verify().orThrow();
    pool.close();
  }

  @Test
  void isExactlyWhatWasAskedFor() {
    for (int capacity : new int[] {0, 1, 63, 64, 65, 1000, 4096}) {
      ByteBuf buffer = allocator.directBuffer(capacity, 5000);
      assertThat(buffer.capacity()).isEqualTo(capacity);
      assertThat(buffer.writableBytes()).isEqualTo(capacity);
      assertThat(buffer.maxCapacity()).isEqualTo(5000);
      assertThat(buffer.nioBuffer(0, capacity).remaining()).isEqualTo(capacity);
      buffer.release();
    }
  }

  @Test
  void growsAcrossTiersUpToTheLimitAndKeepsWhatWasWritten() {
    ByteBuf buffer = allocator.directBuffer(10, 4096);
    for (int i = 0; i < 4096; i++) {
      buffer.writeByte(i);
    }
    assertThat(IntStream.range(0, 4096).allMatch(i -> buffer.getByte(i) == (byte) i)).isTrue();
    assertThat(buffer.isWritable()).isFalse();
    assertThat(catchThrowable(() -> buffer.writeByte(0)))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(pool.stats().used()).as("one block at a time").isEqualTo(1);
    buffer.release();
  }

  @Test
  void growsFromNothing() {
    ByteBuf buffer = allocator.directBuffer(0, 100);
    assertThat(buffer.writeInt(7).readInt()).isEqualTo(7);
    assertThat(buffer.capacity()).isEqualTo(64);
    buffer.release();
  }

  @Test
  void growsInItsBlockAsFarAsThatGoes() {
    ByteBuf buffer = allocator.directBuffer(100).writeLong(5);
    long address = buffer.memoryAddress();
    assertThat(buffer.capacity(256).memoryAddress()).isEqualTo(address);
    assertThat(buffer.capacity()).isEqualTo(256);
    assertThat(buffer.getLong(0)).isEqualTo(5);
    assertThat(buffer.capacity(257).memoryAddress()).isNotEqualTo(address);
    assertThat(buffer.getLong(0)).isEqualTo(5);
    buffer.release();
  }

  @Test
  void shrinksIntoASmallerBlockAndTrimsItsIndices() {
    ByteBuf buffer = allocator.directBuffer(1024).writeLong(11).writeZero(500);
    buffer.readerIndex(400);
    buffer.capacity(60);
    assertThat(buffer.capacity()).isEqualTo(60);
    assertThat(buffer.readerIndex()).isEqualTo(60);
    assertThat(buffer.writerIndex()).isEqualTo(60);
    assertThat(buffer.getLong(0)).isEqualTo(11);
    assertThat(pool.usedBlocks(64)).isEqualTo(1);
    assertThat(pool.usedBlocks(1024)).isZero();
    buffer.capacity(0);
    assertThat(buffer.capacity()).isZero();
    buffer.release();
  }

  @Test
  void sameCapacityKeepsTheBlock() {
    ByteBuf buffer = allocator.directBuffer(100);
    long address = buffer.memoryAddress();
    assertThat(buffer.capacity(100).memoryAddress()).isEqualTo(address);
    buffer.release();
  }

  @Test
  void beyondTheLimitIsRefused() {
    ByteBuf buffer = allocator.directBuffer(10, 20);
    assertThatIllegalArgumentException().isThrownBy(() -> buffer.capacity(21));
    assertThatIllegalArgumentException().isThrownBy(() -> buffer.capacity(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> allocator.directBuffer(21, 20));
    assertThatIllegalArgumentException().isThrownBy(() -> allocator.directBuffer(-1));
    assertThat(buffer.capacity()).isEqualTo(10);
    buffer.release();
  }

  @Test
  void growthThatFailsChangesNothing() {
    ByteBuf holder = allocator.directBuffer(4096);
    ByteBuf buffer = allocator.directBuffer(1024).writeLong(5);
    assertThat(catchThrowable(() -> buffer.capacity(4096))).isInstanceOf(OutOfMemoryError.class);
    assertThat(buffer.capacity()).isEqualTo(1024);
    assertThat(buffer.getLong(0)).isEqualTo(5);
    assertThat(pool.stats().used()).isEqualTo(2);
    holder.release();
    assertThat(buffer.capacity(4096).getLong(0)).isEqualTo(5);
    buffer.release();
  }

  @Test
  void addressIsThatOfTheMemory() {
    ByteBuf buffer = allocator.directBuffer(100).writeLong(3);
    assertThat(buffer.hasMemoryAddress()).isTrue();
    assertThat(buffer.memoryAddress())
        .isEqualTo(java.lang.foreign.MemorySegment.ofBuffer(buffer.nioBuffer(0, 100)).address())
        .isBetween(pool.region().address(), pool.region().address() + pool.region().byteSize());
    assertThat(buffer.slice(8, 8).memoryAddress()).isEqualTo(buffer.memoryAddress() + 8);
    buffer.release();
  }
}
