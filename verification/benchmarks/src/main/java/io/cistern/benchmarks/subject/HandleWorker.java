package io.cistern.benchmarks.subject;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.cistern.MemoryPool;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.CompilerControl;

/** The handle form of a pool: longs, and memory reached through the pool's region. */
@CompilerControl(CompilerControl.Mode.INLINE)
class HandleWorker implements Worker {
  final MemoryPool pool;
  final long[] handles;
  private final MemorySegment region;
  private final Runnable atEnd;

  HandleWorker(MemoryPool pool, int slots, Runnable atEnd) {
    this.pool = pool;
    this.region = pool.region();
    this.handles = new long[slots];
    this.atEnd = atEnd;
  }

  @Override
  public void pair(int size) {
    long handle = pool.allocateHandle(size);
    write(handle);
    pool.free(handle);
  }

  @Override
  public void allocate(int slot, int size) {
    long handle = pool.allocateHandle(size);
    write(handle);
    handles[slot] = handle;
  }

  @Override
  public void free(int slot) {
    pool.free(handles[slot]);
  }

  final void write(long handle) {
    region.set(JAVA_BYTE, pool.offset(handle), (byte) 1);
  }

  @Override
  public void close() {
    atEnd.run();
  }
}
