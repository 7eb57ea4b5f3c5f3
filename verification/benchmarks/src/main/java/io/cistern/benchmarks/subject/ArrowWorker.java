package io.cistern.benchmarks.subject;

import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.openjdk.jmh.annotations.CompilerControl;

/**
 * Buffers of Arrow's allocators over Unsafe: a child for each worker, which has reserved what the
 * worker will hold, so that workers do not meet at the root's counters.
 */
@CompilerControl(CompilerControl.Mode.INLINE)
final class ArrowWorker implements Worker {
  private static final long RESERVED = 16L << 20;

  private final BufferAllocator allocator;
  private final ArrowBuf[] buffers;

  private ArrowWorker(BufferAllocator allocator, int slots) {
    this.allocator = allocator;
    this.buffers = new ArrowBuf[slots];
  }

  static Allocator open() {
    RootAllocator root = new RootAllocator();
    return new Allocator() {
      @Override
      public Worker worker(int slots) {
        return new ArrowWorker(root.newChildAllocator("worker", RESERVED, Long.MAX_VALUE), slots);
      }

      @Override
      public void close() {
        root.close();
      }
    };
  }

  private ArrowBuf allocate(int size) {
    ArrowBuf buffer = allocator.buffer(size);
    buffer.setByte(0, 1);
    return buffer;
  }

  @Override
  public void pair(int size) {
    allocate(size).close();
  }

  @Override
  public void allocate(int slot, int size) {
    buffers[slot] = allocate(size);
  }

  @Override
  public void free(int slot) {
    buffers[slot].close();
  }

  @Override
  public void close() {
    allocator.close();
  }
}
