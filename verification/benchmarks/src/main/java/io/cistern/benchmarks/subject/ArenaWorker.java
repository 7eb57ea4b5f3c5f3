package io.cistern.benchmarks.subject;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.cistern.MemoryPool;
import java.lang.foreign.Arena;
import org.openjdk.jmh.annotations.CompilerControl;

/** Arenas over a pool, one for each allocation; the arena is what is freed. */
@CompilerControl(CompilerControl.Mode.INLINE)
abstract class ArenaWorker implements Worker {
  private final Arena[] arenas;

  private ArenaWorker(int slots) {
    this.arenas = new Arena[slots];
  }

  static Worker confined(MemoryPool pool, int slots, Runnable atEnd) {
    return new Confined(pool, slots, atEnd);
  }

  static Worker shared(MemoryPool pool, int slots, Runnable atEnd) {
    return new Shared(pool, slots, atEnd);
  }

  abstract Arena open();

  @Override
  public void pair(int size) {
    try (Arena arena = open()) {
      arena.allocate(size).set(JAVA_BYTE, 0, (byte) 1);
    }
  }

  @Override
  public void allocate(int slot, int size) {
    Arena arena = open();
    arena.allocate(size).set(JAVA_BYTE, 0, (byte) 1);
    arenas[slot] = arena;
  }

  @Override
  public void free(int slot) {
    arenas[slot].close();
  }

  /** Of the calling thread. */
  @CompilerControl(CompilerControl.Mode.INLINE)
  private static final class Confined extends ArenaWorker {
    private final MemoryPool pool;
    private final Runnable atEnd;

    Confined(MemoryPool pool, int slots, Runnable atEnd) {
      super(slots);
      this.pool = pool;
      this.atEnd = atEnd;
    }

    @Override
    Arena open() {
      return pool.openArena();
    }

    @Override
    public void close() {
      atEnd.run();
    }
  }

  /** Of all threads. */
  @CompilerControl(CompilerControl.Mode.INLINE)
  private static final class Shared extends ArenaWorker {
    private final MemoryPool pool;
    private final Runnable atEnd;

    Shared(MemoryPool pool, int slots, Runnable atEnd) {
      super(slots);
      this.pool = pool;
      this.atEnd = atEnd;
    }

    @Override
    Arena open() {
      return pool.openSharedArena();
    }

    @Override
    public void close() {
      atEnd.run();
    }
  }
}
