package io.cistern.simulator;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Direct buffers of Netty, resized by their capacity. */
final class NettyLane extends Lane {
  private final ByteBufAllocator allocator;
  private final @Nullable ByteBuf[] buffers;

  NettyLane(ByteBufAllocator allocator, int blocks) {
    this.allocator = allocator;
    this.buffers = new ByteBuf[blocks];
  }

  @Override
  boolean allocate(int block, int size) {
    try {
      ByteBuf buffer = allocator.directBuffer(size);
      buffer.setByte(0, 1);
      buffers[block] = buffer;
      return true;
    } catch (OutOfMemoryError refused) {
      return false;
    }
  }

  @Override
  boolean resize(int block, int size) {
    ByteBuf buffer = buffers[block];
    if (buffer == null) {
      return true;
    }
    try {
      buffer.capacity(size);
      return true;
    } catch (OutOfMemoryError refused) {
      return false;
    }
  }

  @Override
  void free(int block) {
    ByteBuf buffer = buffers[block];
    if (buffer != null) {
      buffer.release();
      buffers[block] = null;
    }
  }

  @Override
  MemorySegment memory(int block, int size) {
    ByteBuf buffer = buffers[block];
    if (buffer == null) {
      throw new IllegalStateException("block " + block + " is not held");
    }
    return MemorySegment.ofBuffer(buffer.internalNioBuffer(0, size));
  }

  @Override
  void clear() {
    for (int block = 0; block < buffers.length; block++) {
      free(block);
    }
  }
}
