package io.cistern.jetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.MemoryPool;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.util.BufferUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What Jetty's own pool promises of a buffer, this one does, of direct and of heap buffers. Time
 * budget: 5 seconds.
 */
@Timeout(60)
class CisternByteBufferPoolTest {
  private final MemoryPool pool = Pools.small();
  private final CisternByteBufferPool buffers = new CisternByteBufferPool(pool);

  @AfterEach
  void nothingIsLeft() {
    Pools.assertIdle(buffers);
    pool.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void comesEmptyInFlushMode(boolean direct) {
    for (int i = 0; i < 3; i++) {
      RetainableByteBuffer.Mutable buffer = buffers.acquire(100, direct);
      ByteBuffer bytes = buffer.getByteBuffer();
      assertThat(bytes.position()).isZero();
      assertThat(bytes.limit()).isZero();
      assertThat(bytes.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
      assertThat(bytes.isDirect()).isEqualTo(direct);
      assertThat(bytes.hasArray()).isEqualTo(!direct);
      assertThat(buffer.isDirect()).isEqualTo(direct);
      assertThat(buffer.isEmpty()).isTrue();
      assertThat(buffer.space()).isEqualTo(4096);
      buffer.put(new byte[4096]);
      assertThat(buffer.isFull()).isTrue();
      bytes.order(ByteOrder.LITTLE_ENDIAN);
      assertThat(buffer.release()).isTrue();
      assertThat(bytes.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
      assertThat(buffer.getByteBuffer().hasRemaining()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void capacitiesAreThoseOfJettysPool(boolean direct) {
    ByteBufferPool jettys = new ArrayByteBufferPool();
    try (MemoryPool any = MemoryPool.builder().variable(1 << 20).build()) {
      ByteBufferPool ours = new CisternByteBufferPool(any);
      for (int size = 0; size <= 66_000; size++) {
        RetainableByteBuffer mine = ours.acquire(size, direct);
        RetainableByteBuffer theirs = jettys.acquire(size, direct);
        assertThat(mine.capacity()).as("size %d", size).isEqualTo(theirs.capacity());
        mine.release();
        theirs.release();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1 << 20})
  void roundingDoesNotExceedTheLargestBlock(long fallback) {
    try (MemoryPool tiny = MemoryPool.builder().tier(5000, 2).fallback(fallback).build()) {
      CisternByteBufferPool few = new CisternByteBufferPool(tiny);
      RetainableByteBuffer a = few.acquire(4097, true);
      RetainableByteBuffer b = few.acquire(5000, true);
      assertThat(a.capacity()).isEqualTo(5000);
      assertThat(b.capacity()).isEqualTo(5000);
      assertThat(tiny.stats().tiers().getFirst().used()).isEqualTo(2);
      a.release();
      b.release();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void refusesNegativeSizes(boolean direct) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> buffers.acquire(-1, direct))
        .withMessage("buffer of -1 B: must be 0 or more");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void goesBackWithTheLastRelease(boolean direct) {
    RetainableByteBuffer buffer = buffers.acquire(10, direct);
    assertThat(buffer.canRetain()).isTrue();
    assertThat(buffer.isRetained()).isFalse();
    assertThat(buffer.getRetained()).isEqualTo(1);
    buffer.retain();
    buffer.retain();
    assertThat(buffer.isRetained()).isTrue();
    assertThat(buffer.getRetained()).isEqualTo(3);
    assertThat(buffer.release()).isFalse();
    assertThat(buffer.release()).isFalse();
    assertThat(buffer.isRetained()).isFalse();
    assertThat(pool.stats().used()).isEqualTo(direct ? 1 : 0);
    assertThat(buffers.getHeapByteBufferCount()).isZero();
    assertThat(buffer.release()).isTrue();
    assertThat(buffer.canRetain()).isFalse();
    assertThat(pool.stats().used()).isZero();
    assertThat(buffers.getHeapByteBufferCount()).isEqualTo(direct ? 0 : 1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void refusesWhatComesAfterTheLastRelease(boolean direct) {
    RetainableByteBuffer buffer = buffers.acquire(10, direct);
    buffer.release();
    assertThatIllegalStateException()
        .isThrownBy(buffer::release)
        .withMessageStartingWith(
            "already released: " + (direct ? "icj.DirectBuffer@" : "icj.HeapBuffer@"))
        .withMessageContaining("[0/4096,d=" + direct + ",rc=0]");
    assertThatIllegalStateException()
        .isThrownBy(buffer::retain)
        .withMessageStartingWith("retained after it was released: ");
    assertThat(buffers.getRefusedCount()).isEqualTo(2);
    assertThat(pool.stats().violations()).isEqualTo(direct ? 2 : 0);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void slicesKeepTheBuffer(boolean direct) {
    RetainableByteBuffer.Mutable buffer = buffers.acquire(10, direct);
    buffer.putInt(1).putInt(2);
    RetainableByteBuffer slice = buffer.slice(4);
    RetainableByteBuffer ofSlice = slice.slice();
    assertThat(buffer.isRetained()).isTrue();
    assertThatThrownBy(buffer::asMutable).isInstanceOf(ReadOnlyBufferException.class);
    assertThat(buffer.release()).isFalse();
    assertThat(slice.release()).isFalse();
    assertThat(ofSlice.getByteBuffer().getInt(0)).isEqualTo(1);
    assertThat(pool.stats().used()).isEqualTo(direct ? 1 : 0);
    assertThat(ofSlice.release()).isTrue();
    assertThatIllegalStateException().isThrownBy(ofSlice::release);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void copiesComeFromThePoolAndHaveNoRoom(boolean direct) {
    RetainableByteBuffer.Mutable buffer = buffers.acquire(10, direct);
    RetainableByteBuffer empty = buffer.copy();
    buffer.putLong(42);
    RetainableByteBuffer copy = buffer.copy();
    assertThat(buffer.remaining()).isEqualTo(8);
    buffer.release();
    assertThat(copy.capacity()).isEqualTo(8);
    assertThat(copy.isDirect()).isEqualTo(direct);
    assertThat(copy.getByteBuffer().getLong(0)).isEqualTo(42);
    assertThat(pool.stats().used()).isEqualTo(direct ? 2 : 0);
    assertThat(empty.capacity()).isZero();
    assertThat(empty.release()).isTrue();
    assertThat(copy.release()).isTrue();
    assertThatIllegalStateException().isThrownBy(copy::release);
    assertThat(buffers.getHeapByteBufferCount()).isEqualTo(direct ? 0 : 3);
  }

  @Test
  void standsBehindJettysWrappers() {
    ByteBufferPool.Sized sized = new ByteBufferPool.Sized(buffers, true, 5000);
    RetainableByteBuffer one = sized.acquire();
    RetainableByteBuffer other = new ByteBufferPool.Wrapper(sized).acquire(1, true);
    assertThat(one.capacity()).isEqualTo(8192);
    assertThat(pool.stats().used()).isEqualTo(2);
    one.release();
    other.release();
    RetainableByteBuffer.DynamicCapacity dynamic =
        new RetainableByteBuffer.DynamicCapacity(sized, 100_000);
    byte[] text = "hello ".repeat(10_000).getBytes(StandardCharsets.US_ASCII);
    dynamic.put(text);
    assertThat(pool.stats().used()).isPositive();
    assertThat(BufferUtil.toArray(dynamic.getByteBuffer())).isEqualTo(text);
    dynamic.release();
  }

  @Test
  void clearDropsWhatIsKept() {
    buffers.acquire(10, false).release();
    RetainableByteBuffer live = buffers.acquire(10, false);
    buffers.acquire(5000, false).release();
    assertThat(buffers.getHeapMemory()).isEqualTo(8192);
    buffers.clear();
    assertThat(buffers.getHeapMemory()).isZero();
    live.release();
    assertThat(buffers.getHeapMemory()).isEqualTo(4096);
  }

  @Test
  void refusesConfinedPools() {
    try (MemoryPool mine = MemoryPool.builder().name("mine").tier(4096, 1).confined().build()) {
      String message =
          "pool 'mine' is confined to a thread: Jetty releases buffers on other threads than it acquires them on";
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new CisternByteBufferPool(mine))
          .withMessage(message);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new CisternByteBufferPool(pool, mine))
          .withMessage(message);
    }
  }

  @Test
  void labelsSayWhatJettyTook() {
    try (MemoryPool shared = MemoryPool.builder().tier(4096, 4).labels().build()) {
      CisternByteBufferPool jettys = new CisternByteBufferPool(shared.labelled("jetty"));
      shared.allocate(10).close();
      RetainableByteBuffer buffer = jettys.acquire(10, true);
      assertThat(shared.stats().labels())
          .filteredOn(label -> label.name().equals("jetty"))
          .allSatisfy(label -> assertThat(label.liveBytes()).isEqualTo(4096))
          .hasSize(1);
      buffer.release();
    }
  }

  /** More than 255 pools at once cannot be: those that nobody has any more are closed. */
  @Test
  void forgottenOnesAreClosed() {
    for (int i = 0; i < 140; i++) {
      assertThat(new CisternByteBufferPool().acquire(10, true).capacity()).isEqualTo(4096);
    }
  }

  @Test
  void closesItsOwnPoolsAlone() {
    buffers.close();
    assertThat(pool.isClosed()).isFalse();
    CisternByteBufferPool own = new CisternByteBufferPool();
    RetainableByteBuffer forgotten = own.acquire(10, true);
    assertThatIllegalStateException()
        .isThrownBy(own::close)
        .withMessageContaining("pool 'jetty'")
        .withMessageContaining("4096");
    forgotten.release();
    own.close();
    own.close();
    assertThat(own.pools()).hasSize(2).allMatch(MemoryPool::isClosed);
    assertThatIllegalStateException().isThrownBy(() -> own.acquire(10, true));
    assertThat(own.getDirectMemory()).isZero();
  }
}
