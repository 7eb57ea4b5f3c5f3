package io.cistern;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * An {@link Arena} over a pool: a scope of the JDK's own, and the blocks that its segments lie in.
 *
 * <pre>
 * allocate ──► PoolBase.lend: block, lent, zeroed ──► segment in the scope ──► block noted
 * close    ──► scope closed: every segment is dead, or nothing has happened ──► blocks free
 * </pre>
 *
 * <p>{@code lend} is a call by design: what is left is small enough to be put in line where an
 * arena is used, and then neither arena nor segment need be objects.
 *
 * <p>A segment lives as long as the scope, which the pool cannot close: a confined one belongs to a
 * thread. So blocks are <em>lent</em> ({@link PoolBase#lend}): should the pool be closed at once
 * under them, the region stays until they are taken back.
 */
abstract sealed class PoolArena implements Arena permits ConfinedPoolArena, SharedPoolArena {
  private static final long[] NONE = {};

  final PoolBase pool;
  final Arena scope;

  /** The blocks, the first one apart: most arenas have no other. */
  private long first;

  private long[] more = NONE;
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
    long handle = pool.lend(byteSize, BlockSource.NOT_INLINED);
    return segment(handle, pool.lent(handle, byteSize));
  }

  private MemorySegment allocateUnusual(long byteSize, long byteAlignment) {
    if (byteSize < 0) {
      throw new IllegalArgumentException("size of %d B: must be 0 or more".formatted(byteSize));
    }
    if (byteAlignment <= 0 || Long.bitCount(byteAlignment) != 1) {
      throw new IllegalArgumentException(
          "alignment of %d B: must be a power of two".formatted(byteAlignment));
    }
    long size = Math.max(1, byteSize);
    if (byteAlignment <= pool.alignment()) {
      long handle = pool.lend(size, 0);
      return segment(handle, pool.lent(handle, byteSize));
    }
    return aligned(size, byteSize, byteAlignment);
  }

  /** A place in a fitting block, if that happens to lie well; else in a larger one. */
  private MemorySegment aligned(long size, long byteSize, long alignment) {
    long handle = pool.lend(size, 0);
    MemorySegment memory = pool.lent(handle, byteSize);
    if ((memory.address() & (alignment - 1)) == 0) {
      return segment(handle, memory);
    }
    pool.takeBack(handle);
    long needed = Math.addExact(size, alignment - pool.alignment());
    if (needed > pool.maxSize()) {
      throw new IllegalArgumentException(
          "%d B aligned at %d B: pool '%s' aligns its blocks at %d B, so that may take %d B, and it serves up to %d B"
              .formatted(size, alignment, pool.name(), pool.alignment(), needed, pool.maxSize()));
    }
    handle = pool.lend(needed, 0);
    memory = pool.lent(handle, needed);
    return segment(handle, memory.asSlice(-memory.address() & (alignment - 1), byteSize));
  }

  private MemorySegment segment(long handle, MemorySegment memory) {
    boolean given = false;
    try {
      MemorySegment segment = NativeAccess.reinterpret(memory, scope, "an arena over a pool");
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
