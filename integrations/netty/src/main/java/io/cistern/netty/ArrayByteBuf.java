package io.cistern.netty;

import io.netty.buffer.UnpooledHeapByteBuf;

/** A heap buffer: Netty's own, over an array of {@link HeapArrays}. */
final class ArrayByteBuf extends UnpooledHeapByteBuf {
  ArrayByteBuf(CisternByteBufAllocator alloc, int capacity, int max) {
    super(alloc, capacity, max);
  }

  private HeapArrays arrays() {
    return ((CisternByteBufAllocator) alloc()).arrays();
  }

  @Override
  protected byte[] allocateArray(int capacity) {
    return arrays().take(capacity);
  }

  @Override
  protected void freeArray(byte[] array) {
    arrays().giveBack(array);
  }
}
