package io.cistern.benchmarks.subject;

import io.cistern.MemoryPool;
import io.cistern.arrow.CisternAllocationManagerFactory;
import java.lang.foreign.Arena;
import org.apache.arrow.memory.AllocationManager;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.ReferenceManager;
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
    return over(new RootAllocator(), () -> {});
  }

  /** Ours, over one pool for all threads. */
  static Allocator cistern() {
    MemoryPool pool = CisternPools.pool();
    return over(root(new CisternAllocationManagerFactory(pool)), pool::close);
  }

  /** Arrow's objects over memory that is there already. */
  static Allocator costless() {
    int[] sizes = Sizes.tiers();
    long memory = Arena.global().allocate(sizes[sizes.length - 1], Long.BYTES).address();
    return over(root(new Costless(memory)), () -> {});
  }

  private static RootAllocator root(AllocationManager.Factory factory) {
    return new RootAllocator(
        RootAllocator.configBuilder().allocationManagerFactory(factory).build());
  }

  private static Allocator over(RootAllocator root, Runnable atEnd) {
    return new Allocator() {
      @Override
      public Worker worker(int slots) {
        return new ArrowWorker(root.newChildAllocator("worker", RESERVED, Long.MAX_VALUE), slots);
      }

      @Override
      public void close() {
        root.close();
        atEnd.run();
      }
    };
  }

  /** Of which nobody frees anything. */
  private record Costless(long address) implements AllocationManager.Factory {
    @Override
    public AllocationManager create(BufferAllocator accounting, long size) {
      return new Fixed(accounting, address, size);
    }

    @Override
    public ArrowBuf empty() {
      return new ArrowBuf(ReferenceManager.NO_OP, null, 0, address);
    }
  }

  private static final class Fixed extends AllocationManager {
    private final long address;
    private final long size;

    Fixed(BufferAllocator accounting, long address, long size) {
      super(accounting);
      this.address = address;
      this.size = size;
    }

    @Override
    public long getSize() {
      return size;
    }

    @Override
    protected long memoryAddress() {
      return address;
    }

    @Override
    protected void release0() {}
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
