package io.cistern.benchmarks.subject;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import org.openjdk.jmh.annotations.CompilerControl;

/** Direct buffers of Netty's allocators. */
@CompilerControl(CompilerControl.Mode.INLINE)
final class NettyWorker implements Worker {
  private final ByteBufAllocator allocator;
  private final ByteBuf[] buffers;

  private NettyWorker(ByteBufAllocator allocator, int slots) {
    this.allocator = allocator;
    this.buffers = new ByteBuf[slots];
  }

  /** The pooled allocator with its defaults, which keep a cache for every kind of thread. */
  static Allocator pooled() {
    return slots -> new NettyWorker(PooledByteBufAllocator.DEFAULT, slots);
  }

  /** The adaptive allocator, with caches for threads that are no event loops too. */
  static Allocator adaptive() {
    ByteBufAllocator allocator = new AdaptiveByteBufAllocator(true, true);
    return slots -> new NettyWorker(allocator, slots);
  }

  private ByteBuf allocate(int size) {
    ByteBuf buffer = allocator.directBuffer(size);
    buffer.setByte(0, 1);
    return buffer;
  }

  @Override
  public void pair(int size) {
    allocate(size).release();
  }

  @Override
  public void allocate(int slot, int size) {
    buffers[slot] = allocate(size);
  }

  @Override
  public void free(int slot) {
    buffers[slot].release();
  }
}
