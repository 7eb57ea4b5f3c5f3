package io.cistern.jetty;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A buffer in an array of the Java heap. Nothing but the count knows who owns an array, so the last
 * reference is taken by a compare-and-set.
 */
final class HeapBuffer extends CountedBuffer {
  private final HeapArrays arrays;
  private final byte[] array;

  HeapBuffer(CisternByteBufferPool pool, ByteBuffer buffer, HeapArrays arrays, byte[] array) {
    super(pool, buffer);
    this.arrays = arrays;
    this.array = array;
  }

  @Override
  boolean takeLast() {
    return swapLast();
  }

  @Override
  void giveBack() {
    arrays.give(array);
  }

  @Override
  @Nullable RuntimeException refusal() {
    return null;
  }
}
