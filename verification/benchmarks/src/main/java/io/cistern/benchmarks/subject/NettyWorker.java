package io.cistern.benchmarks.subject;

import io.cistern.netty.CisternByteBufAllocator;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import java.nio.ByteBuffer;
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

  /** Ours, over one pool for all threads. */
  static Allocator cistern() {
    return CisternPools.shared(
        (pool, slots, atEnd) -> new NettyWorker(new CisternByteBufAllocator(pool), slots));
  }

  /** A new buffer object each time, as ours are, over memory that is there already. */
  static Allocator costless() {
    int[] sizes = Sizes.tiers();
    ByteBuffer memory = ByteBuffer.allocateDirect(sizes[sizes.length - 1]);
    return slots -> new NettyWorker(new Costless(memory), slots);
  }

  /** Of which nobody frees anything. */
  private static final class Costless extends AbstractByteBufAllocator {
    private final ByteBuffer memory;

    Costless(ByteBuffer memory) {
      super(true);
      this.memory = memory;
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
      return new Fixed(this, memory.slice(0, initialCapacity), maxCapacity);
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
      throw new UnsupportedOperationException("direct buffers are measured");
    }

    @Override
    public boolean isDirectBufferPooled() {
      return true;
    }
  }

  private static final class Fixed extends UnpooledDirectByteBuf {
    Fixed(ByteBufAllocator allocator, ByteBuffer memory, int maxCapacity) {
      super(allocator, memory, maxCapacity);
    }
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
