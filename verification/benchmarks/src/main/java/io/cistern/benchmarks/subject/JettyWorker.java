package io.cistern.benchmarks.subject;

import java.nio.ByteBuffer;
import org.eclipse.jetty.io.ArrayByteBufferPool;
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

  private final ArrayByteBufferPool pool;
  private final RetainableByteBuffer[] buffers;

  private JettyWorker(ArrayByteBufferPool pool, int slots) {
    this.pool = pool;
    this.buffers = new RetainableByteBuffer[slots];
  }

  static Allocator open() {
    int[] sizes = Sizes.tiers();
    ArrayByteBufferPool pool =
        new ArrayByteBufferPool(0, CLASS_WIDTH, sizes[sizes.length - 1], MOST_BUFFERS_OF_A_CLASS);
    return slots -> new JettyWorker(pool, slots);
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
