package io.cistern;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A pool that writes down what is allocated and freed ({@link TraceWriter}); all else it leaves to
 * the pool that it wraps, whose fast path so knows nothing of it.
 *
 * <pre>
 * allocate ──► the pool's own ──► lock ──► a line ──► unlock
 * free ──────► lock ──► the pool's own ──► a line ──► unlock
 * </pre>
 *
 * So no allocation is written down before its memory was free in the file too: at no line do more
 * blocks live than did in the pool at that moment, and the file can be replayed in the same memory.
 */
final class RecordedPool extends PoolBase {
  /** Ids by the index that a handle carries, in rows that are made when they are needed. */
  private static final int ROW_BITS = 12;

  private static final int POOLS = 256;
  private static final int ROWS = 1 << (HandleFormat.INDEX_BITS - ROW_BITS);

  private final PoolBase pool;
  private final TraceWriter trace;
  private final ReentrantLock lock;

  /** By the number of the pool and the row. */
  private final int[][] @Nullable [] ids;

  private final Map<BlockSource, RecordedBlocks> sources;

  RecordedPool(PoolBase pool, Path file, long limit) {
    super(pool);
    this.pool = pool;
    this.trace =
        new TraceWriter(file, limit, pool.name + ", region " + pool.stats().regionBytes() + " B");
    this.lock = new ReentrantLock();
    this.ids = new int[POOLS][][];
    this.sources = new ConcurrentHashMap<>();
  }

  /** The same pool for another owner; recorded together. */
  private RecordedPool(MemoryPool view, RecordedPool recorded) {
    super((PoolBase) view);
    this.pool = (PoolBase) view;
    this.trace = recorded.trace;
    this.lock = recorded.lock;
    this.ids = recorded.ids;
    this.sources = recorded.sources;
  }

  /** The pool whose operations are recorded. */
  PoolBase recorded() {
    return pool;
  }

  @Override
  public MemoryPool labelled(String label) {
    return new RecordedPool(pool.labelled(label), this);
  }

  @Override
  public MemoryPool chargedTo(Quota quota) {
    return new RecordedPool(pool.chargedTo(quota), this);
  }

  // --- recorded -------------------------------------------------------------------------------

  private long allocated(long handle) {
    if (handle != NO_HANDLE) {
      lock.lock();
      try {
        int index = number(handle);
        row(handle)[index & ((1 << ROW_BITS) - 1)] =
            trace.allocated(pool.byteSize(handle), pool.label(handle));
      } finally {
        lock.unlock();
      }
    }
    return handle;
  }

  @Override
  int index(long handle) {
    return pool.index(handle);
  }

  private static int number(long handle) {
    return (int) (handle >>> 32) & (1 << HandleFormat.INDEX_BITS) - 1;
  }

  private int[] row(long handle) {
    int number = HandleFormat.pool(handle);
    int[][] rows = ids[number];
    if (rows == null) {
      rows = new int[ROWS][];
      ids[number] = rows;
    }
    int row = number(handle) >>> ROW_BITS;
    if (rows[row] == null) {
      rows[row] = new int[1 << ROW_BITS];
    }
    return rows[row];
  }

  private int id(long handle) {
    int[][] rows = ids[HandleFormat.pool(handle)];
    int[] row = rows == null ? null : rows[number(handle) >>> ROW_BITS];
    return row == null ? TraceWriter.NOT_RECORDED : row[number(handle) & (1 << ROW_BITS) - 1];
  }

  private MemoryBlock allocated(MemoryBlock block) {
    long handle = allocated(block.handle());
    BlockSource source = pool.source(handle);
    MemoryBlock recorded =
        block.from(sources.computeIfAbsent(source, inner -> new RecordedBlocks(this, inner)));
    pool.issued(recorded, handle);
    return recorded;
  }

  private void failed(long size) {
    lock.lock();
    try {
      trace.failed(size);
    } finally {
      lock.unlock();
    }
  }

  /** Frees what a handle names, and records it if it was live. */
  void free(long handle, Runnable free) {
    lock.lock();
    try {
      boolean live = pool.isLive(handle);
      long size = live ? pool.byteSize(handle) : 0;
      free.run();
      if (live && id(handle) != TraceWriter.NOT_RECORDED) {
        trace.freed(id(handle), size);
      }
    } finally {
      lock.unlock();
    }
  }

  boolean resize(long handle, long size, BooleanSupplier resize) {
    lock.lock();
    try {
      long before = pool.isLive(handle) ? pool.byteSize(handle) : 0;
      boolean resized = resize.getAsBoolean();
      if (resized && id(handle) != TraceWriter.NOT_RECORDED) {
        trace.resized(id(handle), before, size);
      }
      return resized;
    } finally {
      lock.unlock();
    }
  }

  // --- allocate -------------------------------------------------------------------------------

  @Override
  public MemoryBlock allocate(long size) {
    try {
      return allocated(pool.allocate(size));
    } catch (PoolExhaustedException exhausted) {
      failed(size);
      throw exhausted;
    }
  }

  @Override
  public MemoryBlock allocate(long size, long alignment) {
    try {
      return allocated(pool.allocate(size, alignment));
    } catch (PoolExhaustedException exhausted) {
      failed(size);
      throw exhausted;
    }
  }

  @Override
  public MemoryBlock allocate(long size, Duration timeout) throws InterruptedException {
    try {
      return allocated(pool.allocate(size, timeout));
    } catch (PoolExhaustedException exhausted) {
      failed(size);
      throw exhausted;
    }
  }

  @Override
  public @Nullable MemoryBlock tryAllocate(long size) {
    MemoryBlock block = pool.tryAllocate(size);
    if (block == null) {
      failed(size);
      return null;
    }
    return allocated(block);
  }

  /** What found nothing was no request to this pool. */
  @Override
  public @Nullable MemoryBlock poll(long size) {
    MemoryBlock block = pool.poll(size);
    return block == null ? null : allocated(block);
  }

  @Override
  public long pollHandle(long size) {
    return allocated(pool.pollHandle(size));
  }

  @Override
  public long allocateHandle(long size) {
    try {
      return allocated(pool.allocateHandle(size));
    } catch (PoolExhaustedException exhausted) {
      failed(size);
      throw exhausted;
    }
  }

  @Override
  public long allocateHandle(long size, long alignment) {
    try {
      return allocated(pool.allocateHandle(size, alignment));
    } catch (PoolExhaustedException exhausted) {
      failed(size);
      throw exhausted;
    }
  }

  @Override
  public long tryAllocateHandle(long size) {
    long handle = pool.tryAllocateHandle(size);
    if (handle == NO_HANDLE) {
      failed(size);
    }
    return allocated(handle);
  }

  // --- free -----------------------------------------------------------------------------------

  @Override
  public void free(long handle) {
    free(handle, () -> pool.free(handle));
  }

  @Override
  public void free(long handle, long size) {
    free(handle, () -> pool.free(handle, size));
  }

  @Override
  public void free(@Nullable MemorySegment segment) {
    long handle = segment == null ? NO_HANDLE : pool.handleAt(segment);
    free(handle, () -> pool.free(segment));
  }

  @Override
  public boolean tryResize(long handle, long newSize) {
    return resize(handle, newSize, () -> pool.tryResize(handle, newSize));
  }

  // --- close ----------------------------------------------------------------------------------

  @Override
  public void close() {
    pool.close();
    end();
  }

  @Override
  public void closeNow() {
    pool.closeNow();
    end();
  }

  private void end() {
    lock.lock();
    try {
      trace.close();
    } finally {
      lock.unlock();
    }
  }

  @Override
  @Nullable Governor governor() {
    return pool.governor();
  }

  @Override
  long usedBytes() {
    return pool.usedBytes();
  }

  @Override
  long blockBytes() {
    return pool.blockBytes();
  }

  @Override
  boolean isVariable() {
    return pool.isVariable();
  }

  @Override
  void setThresholds(double lowPercent, double criticalPercent) {
    pool.setThresholds(lowPercent, criticalPercent);
  }

  // --- the pool's own -------------------------------------------------------------------------

  @Override
  PoolListener.Exhaustion figures(long size) {
    return pool.figures(size);
  }

  @Override
  boolean gave(long handle) {
    return pool.gave(handle);
  }

  @Override
  BlockSource source(long handle) {
    return pool.source(handle);
  }

  @Override
  String label(long handle) {
    return pool.label(handle);
  }

  @Override
  public boolean isConfined() {
    return pool.isConfined();
  }

  @Override
  long alignment() {
    return pool.alignment();
  }

  @Override
  boolean isZeroed() {
    return pool.isZeroed();
  }

  @Override
  void hold(long handle) {
    pool.hold(handle);
  }

  @Override
  MemorySegment lent(long handle, long size) {
    return pool.lent(handle, size);
  }

  @Override
  void takeBack(long handle) {
    free(handle, () -> pool.takeBack(handle));
  }

  @Override
  void issued(MemoryBlock block, long handle) {
    pool.issued(block, handle);
  }

  @Override
  long handleAt(MemorySegment segment) {
    return pool.handleAt(segment);
  }

  @Override
  public long maxSize() {
    return pool.maxSize();
  }

  @Override
  public MemorySegment segment(long handle) {
    return pool.segment(handle);
  }

  @Override
  public long offset(long handle) {
    return pool.offset(handle);
  }

  @Override
  public long byteSize(long handle) {
    return pool.byteSize(handle);
  }

  @Override
  public boolean isLive(long handle) {
    return pool.isLive(handle);
  }

  @Override
  public MemorySegment region() {
    return pool.region();
  }

  @Override
  public int usedBlocks(long size) {
    return pool.usedBlocks(size);
  }

  @Override
  public int freeBlocks(long size) {
    return pool.freeBlocks(size);
  }

  @Override
  public LeakReport report(Duration olderThan) {
    return pool.report(olderThan);
  }

  @Override
  public PoolStats stats() {
    return pool.stats();
  }

  @Override
  public VerifyReport verify() {
    return pool.verify();
  }

  @Override
  public String dump() {
    return pool.dump();
  }

  @Override
  public boolean isClosed() {
    return pool.isClosed();
  }
}
