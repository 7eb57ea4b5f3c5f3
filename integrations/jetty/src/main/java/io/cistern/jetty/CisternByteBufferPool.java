package io.cistern.jetty;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolStats;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.util.annotation.ManagedAttribute;
import org.eclipse.jetty.util.annotation.ManagedObject;
import org.eclipse.jetty.util.annotation.ManagedOperation;
import org.eclipse.jetty.util.component.Dumpable;
import org.eclipse.jetty.util.component.DumpableCollection;
import org.jspecify.annotations.Nullable;

/**
 * Jetty's buffers from a {@link MemoryPool}: direct buffers are blocks of the pool, and so bounded
 * by it, counted and seen in it; heap buffers are arrays, of which some are kept.
 *
 * {@snippet :
 * try (CisternByteBufferPool buffers = new CisternByteBufferPool()) {
 *   Server server = new Server(threads, scheduler, buffers);
 *   server.start();
 *   server.join();
 * }
 * }
 *
 * <p><b>As with Jetty's own pool</b> a buffer comes empty in flush mode (position and limit 0), in
 * big-endian order, with a capacity that is the next multiple of 4 KiB up to 64 KiB and exact
 * beyond that; its memory goes back with the last release, which returns true; one release or
 * retain more is an {@link IllegalStateException}.
 *
 * <p><b>Unlike Jetty's own pool</b> no buffer object serves two acquisitions: a reference that is
 * released once more after its memory has a new owner is refused, and the new owner keeps the
 * memory. The pool counts it as a violation and tells its listeners.
 *
 * <p><b>Exhausted</b>, after all that the pool may do (growth, spill, fallback memory), {@link
 * #acquire} throws {@link OutOfMemoryError}, as {@link ByteBuffer#allocateDirect} does.
 *
 * <p>Safe for use by any threads, virtual ones too; a buffer may be released by another thread than
 * it was acquired by. An acquisition makes three objects, about 140 bytes together.
 */
@ManagedObject("buffers from a Cistern memory pool")
public final class CisternByteBufferPool implements ByteBufferPool, AutoCloseable, Dumpable {
  private static final long MOST_KEPT_BYTES = 16 << 20;
  private static final int HEAP_SHARE = 32;

  private final DirectMemory direct;
  private final boolean isOwner;
  private final HeapArrays arrays =
      new HeapArrays(Math.min(MOST_KEPT_BYTES, Runtime.getRuntime().maxMemory() / HEAP_SHARE));
  private final LongAdder refused = new LongAdder();

  /**
   * Over pools of its own, which {@link #close()} closes: one of 6.75 MiB, and behind it one that
   * grows by regions up to a quarter of the largest Java heap (from 64 MiB to 1 GiB), gives idle
   * regions back, and takes as much fallback memory for what is larger than 64 KiB.
   */
  public CisternByteBufferPool() {
    this(DefaultPools.open(), true);
    DefaultPools.closeWith(this, direct);
  }

  /**
   * Over a pool of the caller's, who also closes it.
   *
   * @param pool of any kind but confined; a {@linkplain MemoryPool#labelled view} of one charges
   *     what Jetty takes to its label or quota
   * @throws IllegalArgumentException when the pool is confined to a thread
   */
  public CisternByteBufferPool(MemoryPool pool) {
    this(new DirectMemory(pool, null), false);
  }

  /**
   * Over two pools of the caller's, who also closes them: the first for what it has, the second for
   * the rest. A fixed pool of the usual load and behind it one that grows is faster than one that
   * grows. The first should not {@linkplain io.cistern.Spill spill}; its log tells once that it is
   * exhausted.
   *
   * @param pool asked first; not confined
   * @param beyond asked for what the first has not, or what is larger than its blocks; not confined
   * @throws IllegalArgumentException when a pool is confined to a thread
   */
  public CisternByteBufferPool(MemoryPool pool, MemoryPool beyond) {
    this(new DirectMemory(pool, beyond), false);
  }

  private CisternByteBufferPool(DirectMemory direct, boolean isOwner) {
    this.direct = direct;
    this.isOwner = isOwner;
  }

  /**
   * Acquires a buffer.
   *
   * @param size bytes that are needed, 0 or more
   * @param isDirect true for a block of the pool, false for an array of the Java heap
   * @return an empty buffer in flush mode, with one reference, to be released; its contents are
   *     arbitrary
   * @throws OutOfMemoryError when the pool has no memory for it; the message has the figures
   * @throws IllegalArgumentException when the size is negative
   * @throws IllegalStateException when a direct buffer is asked for and the pool is closed
   */
  @Override
  public RetainableByteBuffer.Mutable acquire(int size, boolean isDirect) {
    int capacity = Capacities.of(size);
    if (!isDirect) {
      byte[] array = arrays.take(capacity);
      return new HeapBuffer(this, ByteBuffer.wrap(array).limit(0), arrays, array);
    }
    MemoryBlock block = direct.allocate(size, capacity);
    return new DirectBuffer(this, block.byteBuffer().limit(0), block);
  }

  /** A buffer that holds the same bytes, and has no room for more: as copies in Jetty do. */
  CountedBuffer copyOf(ByteBuffer bytes) {
    int size = bytes.remaining();
    if (bytes.isDirect()) {
      MemoryBlock block = direct.allocate(size, Math.max(1, size));
      return new DirectBuffer(this, block.byteBuffer().slice(0, size).put(bytes).flip(), block);
    }
    byte[] array = arrays.take(Capacities.of(size));
    return new HeapBuffer(
        this, ByteBuffer.wrap(array, 0, size).slice().put(bytes).flip(), arrays, array);
  }

  /**
   * Drops the heap arrays that are kept. Direct memory is the pool's: it gives idle regions back by
   * itself, and {@link io.cistern.PoolManager#trim()} does at once.
   */
  @Override
  @ManagedOperation(value = "Drops the heap arrays that are kept", impact = "ACTION")
  public void clear() {
    arrays.clear();
  }

  /**
   * The pools that direct buffers come from, to look at: statistics, {@code verify()}, reports.
   *
   * @return one or two
   */
  public List<MemoryPool> pools() {
    return direct.pools();
  }

  /**
   * Drops the heap arrays that are kept, and closes the pools if they are its own. Stop the server
   * first.
   *
   * @throws IllegalStateException when buffers were not released: how many, of which size and how
   *     old is in the message; nothing is lost, and it may be called again
   */
  @Override
  public void close() {
    arrays.clear();
    if (isOwner) {
      direct.close();
    }
  }

  void countRefused() {
    refused.increment();
  }

  // --- figures, named as those of Jetty's own pool where they are the same --------------------

  /**
   * Direct memory that the pool has.
   *
   * @return bytes in blocks, used or not, and in live fallback memory; now, without a lock
   */
  @ManagedAttribute("The bytes of direct memory, used or not")
  public long getDirectMemory() {
    return direct.sum(DirectMemory::bytes);
  }

  /**
   * Direct memory that is free.
   *
   * @return bytes in free blocks
   */
  @ManagedAttribute("The bytes of direct memory that are available")
  public long getAvailableDirectMemory() {
    return direct.sum(PoolStats::freeBytes);
  }

  /**
   * How many blocks there are.
   *
   * @return blocks, used or not
   */
  @ManagedAttribute("The number of direct blocks, used or not")
  public long getDirectByteBufferCount() {
    return direct.sum(stats -> (long) stats.used() + stats.free());
  }

  /**
   * How many blocks are free.
   *
   * @return blocks
   */
  @ManagedAttribute("The number of direct blocks that are available")
  public long getAvailableDirectByteBufferCount() {
    return direct.sum(PoolStats::free);
  }

  /**
   * How many direct buffers are acquired and not yet released: 0 when Jetty has stopped, unless it
   * leaks. Blocks that others took from the same pool are among them.
   *
   * @return blocks
   */
  @ManagedAttribute("The number of direct blocks that are in use")
  public long getUsedDirectByteBufferCount() {
    return direct.sum(PoolStats::used);
  }

  /**
   * How many requests found no direct memory.
   *
   * @return a count, since the pool was opened; of two pools, those that the second refused too
   */
  @ManagedAttribute("The number of direct acquisitions that found no memory")
  public long getExhaustedCount() {
    return direct.pools().getLast().isClosed() ? 0 : direct.pools().getLast().stats().failed();
  }

  /**
   * How many calls came after the last release of their buffer: each was an error in the program,
   * and changed nothing.
   *
   * @return releases and retains, direct and heap
   */
  @ManagedAttribute("The number of releases and retains that came too late and were refused")
  public long getRefusedCount() {
    return refused.sum();
  }

  /**
   * Java heap that is kept for the next heap buffers.
   *
   * @return bytes; all are available
   */
  @ManagedAttribute("The bytes of heap arrays that are kept, all of them available")
  public long getHeapMemory() {
    return arrays.bytes();
  }

  /**
   * The same as {@link #getHeapMemory()}, under the name that Jetty's pool has for it.
   *
   * @return bytes
   */
  @ManagedAttribute("The bytes of heap arrays that are available")
  public long getAvailableHeapMemory() {
    return arrays.bytes();
  }

  /**
   * The same as {@link #getHeapByteBufferCount()}, under the name that Jetty's pool has for it.
   *
   * @return arrays
   */
  @ManagedAttribute("The number of heap arrays that are available")
  public long getAvailableHeapByteBufferCount() {
    return arrays.count();
  }

  /**
   * How many arrays are kept for the next heap buffers.
   *
   * @return arrays; all are available
   */
  @ManagedAttribute("The number of heap arrays that are kept, all of them available")
  public long getHeapByteBufferCount() {
    return arrays.count();
  }

  @Override
  public void dump(Appendable out, @Nullable String indent) throws IOException {
    List<String> lines = direct.pools().stream().flatMap(pool -> pool.dump().lines()).toList();
    Dumpable.dumpObjects(out, indent, this, new DumpableCollection("direct", lines));
  }

  @Override
  public String toString() {
    return "CisternByteBufferPool[%s, heap %,d B kept]".formatted(direct.pools(), arrays.bytes());
  }
}
