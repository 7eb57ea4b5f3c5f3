package io.cistern.netty;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocatorMetric;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.util.List;

/**
 * Netty's buffers out of a {@link MemoryPool}: bounded, counted, and safe against stale releases.
 *
 * {@snippet :
 * MemoryPool pool = MemoryPool.builder().tier(2048, 1024).tier(65_536, 256).build();
 * bootstrap.childOption(ChannelOption.ALLOCATOR, new CisternByteBufAllocator(pool));
 * }
 *
 * <p><b>Stale releases.</b> Each buffer is an object of its own, never used again, and owns one
 * {@link MemoryBlock}. So a reference that is released once too often throws {@link
 * io.netty.util.IllegalReferenceCountException} for ever, whoever has its memory by then. Netty's
 * own pools use their buffer objects again, and free the next owner's memory instead.
 *
 * <p><b>Direct buffers</b> take a block of the pool each, those of capacity 0 the smallest. Their
 * memory is not zeroed, unless the pool is built to. A buffer grows in its block as far as that
 * goes; to grow beyond it, and to shrink, takes another block and a copy. <b>Heap buffers</b> are
 * arrays of the JVM's; large ones are kept for reuse, 8 MiB of them at most. Direct and composite
 * buffers are watched for leaks as Netty's own are ({@link io.netty.util.ResourceLeakDetector}).
 *
 * <p><b>Exhaustion.</b> What the pool cannot serve by spilling, growing or fallback memory, as it
 * was built, throws an {@link OutOfMemoryError} with the figures, caused by the pool's {@link
 * io.cistern.PoolExhaustedException}; so does a capacity above {@link MemoryPool#maxSize()}.
 * Nothing is changed by it.
 *
 * <p><b>Threads.</b> Any thread may allocate, and any may release. <b>Cost</b> of a direct buffer:
 * one allocation and one free of the pool, and some 165 bytes of short-lived objects.
 */
public final class CisternByteBufAllocator extends AbstractByteBufAllocator
    implements ByteBufAllocatorMetricProvider, AutoCloseable {
  private final BlockSupply supply;
  private final HeapArrays arrays = new HeapArrays();
  private final List<MemoryPool> owned;

  /**
   * An allocator with pools of its own, which suit any program: 7 MiB of blocks up to 64 KiB at
   * once, more as it is needed, and fallback memory for what is larger than 4 MiB. All together
   * takes at most what Netty itself would ({@code -XX:MaxDirectMemorySize}), but at least 160 MiB.
   * Memory that was idle for 30 seconds goes back. Prefers direct buffers.
   *
   * @throws OutOfMemoryError when the operating system refuses the memory
   * @throws IllegalStateException when there are too many pools in this JVM
   */
  public CisternByteBufAllocator() {
    this(true);
  }

  /**
   * An allocator with pools of its own, as {@link #CisternByteBufAllocator()}.
   *
   * @param preferDirect whether {@link #buffer()} and its like give direct buffers
   * @throws OutOfMemoryError when the operating system refuses the memory
   * @throws IllegalStateException when there are too many pools in this JVM
   */
  public CisternByteBufAllocator(boolean preferDirect) {
    super(preferDirect);
    owned = DefaultPools.open();
    supply = new BlockSupply(owned.getFirst(), owned.getLast());
  }

  /**
   * An allocator over a pool, which {@link #close()} leaves open. Prefers direct buffers.
   *
   * @param pool for the blocks; a {@linkplain MemoryPool#labelled labelled} view of one, where
   *     several users share it
   * @throws IllegalArgumentException when the pool is confined to a thread
   */
  public CisternByteBufAllocator(MemoryPool pool) {
    this(pool, true);
  }

  /**
   * An allocator over a pool, which {@link #close()} leaves open.
   *
   * @param pool for the blocks; a {@linkplain MemoryPool#labelled labelled} view of one, where
   *     several users share it
   * @param preferDirect whether {@link #buffer()} and its like give direct buffers
   * @throws IllegalArgumentException when the pool is confined to a thread
   */
  public CisternByteBufAllocator(MemoryPool pool, boolean preferDirect) {
    super(preferDirect);
    supply = new BlockSupply(pool);
    owned = List.of();
  }

  @Override
  protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
    MemoryBlock block = supply.take(initialCapacity);
    boolean made = false;
    try {
      ByteBuf buffer =
          toLeakAwareBuffer(new BlockByteBuf(this, supply, block, initialCapacity, maxCapacity));
      made = true;
      return buffer;
    } finally {
      if (!made) {
        block.close();
      }
    }
  }

  @Override
  protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
    return new ArrayByteBuf(this, initialCapacity, maxCapacity);
  }

  HeapArrays arrays() {
    return arrays;
  }

  /**
   * Whether direct buffers come from a pool.
   *
   * @return true
   */
  @Override
  public boolean isDirectBufferPooled() {
    return true;
  }

  /**
   * What is used now. Direct memory is what is live in the pool, in whole blocks, fallback memory
   * included: of the whole pool, where others use it too. Heap memory is the arrays of live
   * buffers. Reading either takes about a microsecond; keeping them up to date costs direct buffers
   * nothing.
   *
   * @return a view of the present figures
   */
  @Override
  public ByteBufAllocatorMetric metric() {
    return new Metric(supply, arrays);
  }

  private record Metric(BlockSupply supply, HeapArrays arrays) implements ByteBufAllocatorMetric {
    @Override
    public long usedHeapMemory() {
      return arrays.usedBytes();
    }

    @Override
    public long usedDirectMemory() {
      return supply.usedBytes();
    }
  }

  /**
   * Closes the pools that the allocator opened itself; a pool that it was given stays open. Closing
   * twice does nothing more.
   *
   * @throws IllegalStateException when direct buffers are live: their number, sizes and ages are in
   *     the message, and the allocator stays open
   */
  @Override
  public void close() {
    for (MemoryPool pool : owned) {
      if (pool.stats().used() > 0) {
        pool.close(); // refuses, before any other is closed
      }
    }
    owned.forEach(MemoryPool::close);
  }
}
