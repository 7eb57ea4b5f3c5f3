package io.cistern.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryPool;
import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.Test;

/** Heap buffers and their arrays. */
final class HeapArraysTest {
  private static final int LARGE = 64 << 10;

  @Test
  void largeArraysAreUsedAgain() {
    HeapArrays arrays = new HeapArrays();
    byte[] first = arrays.take(LARGE);
    assertThat(arrays.take(LARGE)).as("two owners").isNotSameAs(first);
    arrays.giveBack(first);
    assertThat(arrays.take(LARGE + 1)).hasSize(LARGE + 1);
    assertThat(arrays.take(LARGE)).isSameAs(first);
    assertThat(arrays.take(LARGE)).as("two owners").isNotSameAs(first);
  }

  @Test
  void smallAndHugeOnesAreNot() {
    HeapArrays arrays = new HeapArrays();
    for (int length : new int[] {LARGE - 1, (1 << 20) + 1}) {
      byte[] array = arrays.take(length);
      arrays.giveBack(array);
      assertThat(arrays.take(length)).isNotSameAs(array);
    }
  }

  @Test
  void keepsEightAndLetsOldOnesGo() {
    HeapArrays arrays = new HeapArrays();
    for (int i = 0; i < 8; i++) {
      arrays.giveBack(new byte[LARGE + i]);
    }
    byte[] last = new byte[LARGE + 100];
    arrays.giveBack(last);
    assertThat(arrays.take(LARGE + 100)).isSameAs(last);
  }

  @Test
  void heapBuffersAreNettysOwn() {
    try (MemoryPool pool = MemoryPool.builder().tier(64, 1).build()) {
      CisternByteBufAllocator allocator = new CisternByteBufAllocator(pool);
      ByteBuf buffer = allocator.heapBuffer(10, 100).writeBytes(new byte[50]);
      assertThat(buffer.hasArray()).isTrue();
      assertThat(buffer.capacity()).isEqualTo(64);
      assertThat(buffer.array()).hasSize(64);
      assertThat(buffer.alloc()).isSameAs(allocator);
      assertThat(pool.stats().used()).isZero();
      assertThat(buffer.release()).isTrue();
    }
  }
}
