package io.cistern.spring;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolStats;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;

/**
 * Spring's data buffers over the blocks of a {@link MemoryPool}: bounded, counted, and safe against
 * late releases.
 *
 * {@snippet :
 * CisternDataBufferFactory factory = new CisternDataBufferFactory(manager.pool("web"));
 * PooledDataBuffer buffer = (PooledDataBuffer) factory.allocateBuffer(1000);
 * buffer.write("hello", StandardCharsets.UTF_8);
 * buffer.release(); // once more would throw, whoever has the block by then
 * }
 *
 * <p>Every buffer is a {@link org.springframework.core.io.buffer.PooledDataBuffer}: it has one
 * reference to begin with, and its block is free again when the last one is released. A buffer
 * grows as it is written to, first in place, where its block has room, then into a larger block. A
 * release too many throws {@link IllegalStateException}, and so does any use of the bytes of a
 * buffer that was released; the block's next owner is left alone.
 *
 * <p>When the pool is exhausted (after growth and fallback, as it is configured) {@link
 * io.cistern.PoolExhaustedException} is thrown, and {@link DataBufferLimitException} for what is
 * larger than the pool's largest block. Neither is an {@link Error}: what runs on Reactor would not
 * survive that. A factory that was made by {@link #orHeap} takes the Java heap instead.
 *
 * <p>The factory is safe for use by several threads, if its pool is: so a pool that is confined to
 * one thread is refused. A buffer is for one thread at a time, but any may retain and release it.
 */
public final class CisternDataBufferFactory implements DataBufferFactory, AutoCloseable {
  /** Bytes of a buffer for which none were asked. */
  private static final int DEFAULT_CAPACITY = 256;

  private static final int OWN_SMALLEST = 256;
  private static final int OWN_LARGEST = 64 << 10;
  private static final int OWN_REGIONS = 64;
  private static final int OWN_TIER_BYTES = 256 << 10;
  private static final long OWN_FALLBACK = 64L << 20;

  private final MemoryPool pool;
  private final boolean owned;
  private final boolean heap;
  private final LongAdder heapBuffers = new LongAdder();
  private final LongAdder lostBuffers = new LongAdder();

  /**
   * A factory with a pool of its own, which {@link #close} closes: tiers of 256 B to 64 KiB, from
   * none to 64 regions of some 1.3 MiB each as they are needed, and up to 64 MiB of fallback memory
   * for what is larger or comes on top.
   */
  public CisternDataBufferFactory() {
    this(ownPool(), true, false);
  }

  /**
   * A factory over a pool, which stays open when the factory is closed.
   *
   * @param pool serves every buffer; {@code pool.labelled("webflux")} lets its statistics tell them
   *     from others
   * @throws IllegalArgumentException when the pool is confined to a thread
   */
  public CisternDataBufferFactory(MemoryPool pool) {
    this(pool, false, false);
  }

  private CisternDataBufferFactory(MemoryPool pool, boolean owned, boolean heap) {
    this.pool = Objects.requireNonNull(pool, "pool");
    this.owned = owned;
    this.heap = heap;
    if (pool.isConfined()) {
      throw new IllegalArgumentException(
          "pool '%s' is confined to one thread: buffers are released on any"
              .formatted(pool.name()));
    }
  }

  /**
   * A factory that takes the Java heap for what the pool cannot serve, because it is exhausted or
   * the buffer is larger than its blocks. That is what a server needs: Spring reads request bodies
   * in a callback that cannot answer when a buffer is refused. An {@link java.io.IOException}
   * leaves the request hanging there, and at anything else Tomcat closes the connection.
   *
   * <p>Blocks of buffers that are forgotten without being released come back with a garbage
   * collection ({@link #lostBuffers()}): Spring's servlet adapters forget some when a client goes
   * away. That makes each buffer some 100 ns dearer.
   *
   * @param pool as for {@link #CisternDataBufferFactory(MemoryPool)}
   * @return a factory that never refuses a buffer, and counts what it had to take ({@link
   *     #heapBuffers()})
   * @throws IllegalArgumentException when the pool is confined to a thread
   */
  public static CisternDataBufferFactory orHeap(MemoryPool pool) {
    return new CisternDataBufferFactory(pool, false, true);
  }

  private static MemoryPool ownPool() {
    MemoryPool.Builder builder = MemoryPool.builder().name("data-buffers").fallback(OWN_FALLBACK);
    for (int size = OWN_SMALLEST; size <= OWN_LARGEST; size *= 4) {
      builder.tier(size, OWN_TIER_BYTES / size);
    }
    return builder.regions(0, OWN_REGIONS, Duration.ofSeconds(30)).build();
  }

  /**
   * The pool that serves this factory.
   *
   * @return the pool as it was given, or the factory's own
   */
  public MemoryPool pool() {
    return pool;
  }

  @Override
  @Deprecated
  public DataBuffer allocateBuffer() {
    return allocateBuffer(DEFAULT_CAPACITY);
  }

  /**
   * Allocates an empty buffer.
   *
   * @param initialCapacity bytes, from 0; 0 takes no block until something is written
   * @return a buffer of exactly this capacity, with one reference
   * @throws io.cistern.PoolExhaustedException when the pool has no block left
   * @throws DataBufferLimitException when that is more than the pool's largest block
   * @throws IllegalArgumentException when the capacity is negative
   * @throws IllegalStateException when the pool is closed
   */
  @Override
  public DataBuffer allocateBuffer(int initialCapacity) {
    if (initialCapacity < 0) {
      throw new IllegalArgumentException(
          "a data buffer of %d B: must be 0 or more".formatted(initialCapacity));
    }
    return new CisternDataBuffer(this, references(memory(initialCapacity)));
  }

  /**
   * A buffer over memory of somebody else's, filled with it. It takes a block when it grows, not
   * before.
   *
   * @param byteBuffer what is between position and limit becomes readable, and is shared
   * @return a buffer with one reference
   */
  @Override
  public DataBuffer wrap(ByteBuffer byteBuffer) {
    Memory memory = new Memory(null, byteBuffer.slice());
    CisternDataBuffer buffer = new CisternDataBuffer(this, References.to(memory));
    return buffer.writePosition(byteBuffer.remaining());
  }

  @Override
  public DataBuffer wrap(byte[] bytes) {
    return wrap(ByteBuffer.wrap(bytes));
  }

  /**
   * One buffer with the readable bytes of all, which are copied; a single buffer is returned as it
   * is.
   *
   * @param dataBuffers at least one; all are released, also when this fails
   * @return a buffer with one reference
   * @throws io.cistern.PoolExhaustedException when the pool has no block left
   * @throws DataBufferLimitException when they are more than the pool's largest block
   */
  @Override
  public DataBuffer join(List<? extends DataBuffer> dataBuffers) {
    if (dataBuffers.isEmpty()) {
      throw new IllegalArgumentException("there are no data buffers to join");
    }
    if (dataBuffers.size() == 1) {
      return dataBuffers.getFirst();
    }
    try {
      return joined(dataBuffers.toArray(DataBuffer[]::new));
    } finally {
      dataBuffers.forEach(DataBufferUtils::release);
    }
  }

  private DataBuffer joined(DataBuffer[] buffers) {
    long bytes = 0;
    for (DataBuffer buffer : buffers) {
      bytes += buffer.readableByteCount();
    }
    DataBuffer joined = allocateBuffer(Math.toIntExact(bytes));
    boolean written = false;
    try {
      joined.write(buffers);
      written = true;
      return joined;
    } finally {
      if (!written) {
        DataBufferUtils.release(joined);
      }
    }
  }

  @Override
  public boolean isDirect() {
    return true;
  }

  private References references(Memory memory) {
    return heap ? References.watched(memory, lostBuffers) : References.to(memory);
  }

  /** Memory of exactly so many bytes, with one part. */
  Memory memory(int bytes) {
    if (bytes == 0) {
      return Memory.NONE;
    }
    if (heap) {
      MemoryBlock block = bytes > pool.maxSize() ? null : pool.tryAllocate(bytes);
      return block == null ? onHeap(bytes) : new Memory(block, block.byteBuffer());
    }
    if (bytes > pool.maxSize()) {
      throw new DataBufferLimitException(
          "data buffer of %d B: pool '%s' serves at most %d B"
              .formatted(bytes, pool.name(), pool.maxSize()));
    }
    MemoryBlock block = pool.allocate(bytes);
    return new Memory(block, block.byteBuffer());
  }

  private Memory onHeap(int bytes) {
    heapBuffers.increment();
    return new Memory(null, ByteBuffer.allocate(bytes));
  }

  /**
   * How often the Java heap was taken instead of the pool.
   *
   * @return a count that only grows; 0 for ever in a factory that was not made by {@link #orHeap}
   */
  public long heapBuffers() {
    return heapBuffers.sum();
  }

  /**
   * How many buffers were forgotten without being released, and found by the collector. Their
   * blocks are free again, unless somebody took a slice or a byte buffer of one.
   *
   * @return a count that only grows; 0 for ever in a factory that was not made by {@link #orHeap}
   */
  public long lostBuffers() {
    return lostBuffers.sum();
  }

  /**
   * Closes the factory's own pool; a pool that was given stays open.
   *
   * @throws IllegalStateException when buffers of the own pool are live; it stays open
   */
  @Override
  public void close() {
    if (owned) {
      pool.close();
    }
  }

  @Override
  public String toString() {
    PoolStats now = pool.stats();
    return "CisternDataBufferFactory[pool '%s', %d blocks used]".formatted(pool.name(), now.used());
  }
}
