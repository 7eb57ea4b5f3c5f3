package io.cistern.benchmarks.subject;

import io.cistern.jetty.CisternByteBufferPool;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.openjdk.jmh.annotations.CompilerControl;

/**
 * Direct buffers of Jetty's pool. Its classes are 64 B apart instead of the usual 4 KB, so that no
 * request gets more than it asked for; buffers come in flush mode and are opened for writing.
 */
@CompilerControl(CompilerControl.Mode.INLINE)
final class JettyWorker implements Worker {
  private static final int CLASS_WIDTH = 64;
  private static final int MOST_BUFFERS_OF_A_CLASS = 1024;

  private final ByteBufferPool pool;
  private final RetainableByteBuffer[] buffers;

  private JettyWorker(ByteBufferPool pool, int slots) {
    this.pool = pool;
    this.buffers = new RetainableByteBuffer[slots];
  }

  static Allocator open() {
    int[] sizes = Sizes.tiers();
    ArrayByteBufferPool pool =
        new ArrayByteBufferPool(0, CLASS_WIDTH, sizes[sizes.length - 1], MOST_BUFFERS_OF_A_CLASS);
    return slots -> new JettyWorker(pool, slots);
  }

  /** Ours, over one pool for all threads. */
  static Allocator cistern() {
    return CisternPools.shared(
        (pool, slots, atEnd) -> new JettyWorker(new CisternByteBufferPool(pool), slots));
  }

  /** A new buffer object each time, as ours are, over memory that is there already. */
  static Allocator costless() {
    int[] sizes = Sizes.tiers();
    ByteBuffer memory = ByteBuffer.allocateDirect(sizes[sizes.length - 1]);
    return slots -> new JettyWorker(new Costless(memory), slots);
  }

  /** Of which nobody frees anything. */
  private record Costless(ByteBuffer memory) implements ByteBufferPool {
    @Override
    public RetainableByteBuffer.Mutable acquire(int size, boolean direct) {
      return RetainableByteBuffer.wrap(memory.slice(0, size), () -> {}).asMutable();
    }

    @Override
    public void clear() {}
  }

  private RetainableByteBuffer acquire(int size) {
    RetainableByteBuffer buffer = pool.acquire(size, true);
    ByteBuffer bytes = buffer.getByteBuffer();
    bytes.clear().put(0, (byte) 1);
    return buffer;
  }

  @Override
  public void pair(int size) {
    acquire(size).release();
  }

  @Override
  public void allocate(int slot, int size) {
    buffers[slot] = acquire(size);
  }

  @Override
  public void free(int slot) {
    buffers[slot].release();
  }
}
