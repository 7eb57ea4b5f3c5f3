package io.cistern.simulator;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.cistern.MemoryPool;
import java.lang.foreign.MemorySegment;

/**
 * Handles of a pool: longs, and memory reached through the pool's region where all is in one piece,
 * else through the segment of each block, which costs more.
 *
 * <p>A block that is to have a size for which there is no room where it lies is moved: allocate,
 * copy, free, in this order, so that a request that is refused leaves the block as it was.
 */
final class PoolLane extends Lane {
  private final MemoryPool pool;
  private final boolean isOnePiece;
  private final MemorySegment region;
  private final long maxSize;
  private final long[] handles;

  /**
   * A lane that holds nothing.
   *
   * @param isOnePiece false when the pool has regions that come and go, or fallback memory
   */
  PoolLane(MemoryPool pool, boolean isOnePiece, int blocks) {
    this.pool = pool;
    this.isOnePiece = isOnePiece;
    this.region = isOnePiece ? pool.region() : MemorySegment.NULL;
    this.maxSize = pool.maxSize();
    this.handles = new long[blocks];
  }

  @Override
  boolean allocate(int block, int size) {
    long handle = size <= maxSize ? pool.tryAllocateHandle(size) : MemoryPool.NO_HANDLE;
    if (handle == MemoryPool.NO_HANDLE) {
      return false;
    }
    if (isOnePiece) {
      region.set(JAVA_BYTE, pool.offset(handle), (byte) 1);
    } else {
      pool.segment(handle).set(JAVA_BYTE, 0, (byte) 1);
    }
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
    copy(from, to, Math.min(size, pool.byteSize(from)));
    pool.free(from);
    handles[block] = to;
    return true;
  }

  private void copy(long from, long to, long bytes) {
    if (isOnePiece) {
      MemorySegment.copy(region, pool.offset(from), region, pool.offset(to), bytes);
    } else {
      MemorySegment.copy(pool.segment(from), 0, pool.segment(to), 0, bytes);
    }
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
