package io.cistern.simulator;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.cistern.MemoryPool;
import java.lang.foreign.MemorySegment;

/** Handles of a pool: longs, and memory reached through the pool's region. */
final class PoolLane extends Lane {
  private final MemoryPool pool;
  private final MemorySegment region;
  private final long maxSize;
  private final long[] handles;

  PoolLane(MemoryPool pool, int blocks) {
    this.pool = pool;
    this.region = pool.region();
    this.maxSize = pool.maxSize();
    this.handles = new long[blocks];
  }

  @Override
  boolean allocate(int block, int size) {
    long handle = size <= maxSize ? pool.tryAllocateHandle(size) : MemoryPool.NO_HANDLE;
    if (handle == MemoryPool.NO_HANDLE) {
      return false;
    }
    region.set(JAVA_BYTE, pool.offset(handle), (byte) 1);
    handles[block] = handle;
    return true;
  }

  @Override
  boolean resize(int block, int size) {
    long handle = handles[block];
    if (handle == MemoryPool.NO_HANDLE) {
      return true;
    }
    return size <= maxSize && (pool.tryResize(handle, size) || move(block, handle, size));
  }

  private boolean move(int block, long from, int size) {
    long to = pool.tryAllocateHandle(size);
    if (to == MemoryPool.NO_HANDLE) {
      return false;
    }
    long bytes = Math.min(size, pool.byteSize(from));
    MemorySegment.copy(region, pool.offset(from), region, pool.offset(to), bytes);
    pool.free(from);
    handles[block] = to;
    return true;
  }

  @Override
  void free(int block) {
    pool.free(handles[block]);
    handles[block] = MemoryPool.NO_HANDLE;
  }

  @Override
  MemorySegment memory(int block, int size) {
    return pool.segment(handles[block]);
  }

  @Override
  void clear() {
    pool.free(handles, 0, handles.length);
  }
}
