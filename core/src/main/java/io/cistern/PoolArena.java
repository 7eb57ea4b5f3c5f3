package io.cistern;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * An {@link Arena} over a pool: a scope of the JDK's own, and the blocks that its segments lie in.
 *
 * <pre>
 * allocate ──► block ──► lent ──► zeroed ──► segment in the scope ──► block noted
 * close    ──► scope closed: every segment is dead, or nothing has happened ──► blocks free
 * </pre>
 *
 * <p>A segment lives as long as the scope, which the pool cannot close: a confined one belongs to a
 * thread. So blocks are <em>lent</em> ({@link PoolBase#lend}): should the pool be closed at once
 * under them, the region stays until they are taken back.
 */
abstract sealed class PoolArena implements Arena permits ConfinedPoolArena, SharedPoolArena {
  final PoolBase pool;
  final Arena scope;

  /** The blocks, the first one apart: most arenas have no other. */
  private long first;

  private long[] more = {};
  private int count;

  PoolArena(PoolBase pool, Arena scope) {
    this.pool = pool;
    this.scope = scope;
  }

  @Override
  public final MemorySegment.Scope scope() {
    return scope.scope();
  }

  /** Takes a block and makes a segment of it that lives in the scope. */
  final MemorySegment allocateNow(long byteSize, long byteAlignment) {
    if (byteSize <= 0 || byteAlignment > pool.alignment() || Long.bitCount(byteAlignment) != 1) {
      return allocateUnusual(byteSize, byteAlignment);
    }
    return segment(pool.allocateHandle(byteSize), byteSize, 1);
  }

  private MemorySegment allocateUnusual(long byteSize, long byteAlignment) {
    if (byteSize < 0) {
      throw new IllegalArgumentException("size of %d B: must be 0 or more".formatted(byteSize));
    }
    if (byteAlignment <= 0 || Long.bitCount(byteAlignment) != 1) {
      throw new IllegalArgumentException(
          "alignment of %d B: must be a power of two".formatted(byteAlignment));
    }
    if (byteAlignment <= pool.alignment()) {
      return segment(pool.allocateHandle(Math.max(1, byteSize)), byteSize, 1);
    }
    long handle = aligned(Math.max(1, byteSize), byteAlignment);
    return segment(handle, byteSize, byteAlignment);
  }

  /** A block with an aligned place in it: a fitting one, if it happens to lie well. */
  private long aligned(long size, long alignment) {
    long handle = pool.allocateHandle(size);
    if ((pool.segment(handle).address() & (alignment - 1)) == 0) {
      return handle;
    }
    pool.free(handle);
    long needed = Math.addExact(size, alignment - pool.alignment());
    if (needed > pool.maxSize()) {
      throw new IllegalArgumentException(
          "%d B aligned at %d B: pool '%s' aligns its blocks at %d B, so that may take %d B, and it serves up to %d B"
              .formatted(size, alignment, pool.name(), pool.alignment(), needed, pool.maxSize()));
    }
    return pool.allocateHandle(needed);
  }

  private MemorySegment segment(long handle, long byteSize, long byteAlignment) {
    MemorySegment memory = pool.lend(handle); // throws when the handle is void
    boolean given = false;
    try {
      long offset = -memory.address() & (byteAlignment - 1);
      MemorySegment place =
          offset == 0 && memory.byteSize() == byteSize ? memory : memory.asSlice(offset, byteSize);
      MemorySegment segment = NativeAccess.reinterpret(place, scope, "an arena over a pool");
      if (!pool.isZeroed()) {
        segment.fill((byte) 0);
      }
      note(handle);
      given = true;
      return segment;
    } finally {
      if (!given) {
        pool.takeBack(handle);
      }
    }
  }

  private void note(long handle) {
    if (count == 0) {
      first = handle;
    } else {
      noteMore(handle);
    }
    count++;
  }

  private void noteMore(long handle) {
    if (count > more.length) {
      more = Arrays.copyOf(more, Math.max(7, 2 * more.length));
    }
    more[count - 1] = handle;
  }

  /** Gives all blocks back; the scope is dead. */
  final void takeBackAll() {
    if (count > 0) {
      pool.takeBack(first);
      for (int at = 1; at < count; at++) {
        pool.takeBack(more[at - 1]);
      }
      count = 0;
    }
  }

  @Override
  public String toString() {
    return "arena over pool '%s', %s"
        .formatted(pool.name(), scope.scope().isAlive() ? "open" : "closed");
  }
}
