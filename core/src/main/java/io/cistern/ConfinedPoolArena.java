package io.cistern;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** An arena over a pool for the thread that opened it. */
final class ConfinedPoolArena extends PoolArena {
  private final Thread owner = Thread.currentThread();

  ConfinedPoolArena(PoolBase pool) {
    super(pool, Arena.ofConfined());
    pool.checkOpen();
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // this very thread is meant
  public MemorySegment allocate(long byteSize, long byteAlignment) {
    if (Thread.currentThread() != owner || !scope.scope().isAlive()) {
      throw refused();
    }
    return allocateNow(byteSize, byteAlignment);
  }

  /** As the JDK's own arenas do. */
  @SuppressWarnings("ReferenceEquality") // this very thread is meant
  private RuntimeException refused() {
    return Thread.currentThread() != owner
        ? new WrongThreadException(
            "the arena is confined to thread '%s', not '%s'"
                .formatted(owner.getName(), Thread.currentThread().getName()))
        : new IllegalStateException("Already closed");
  }

  @Override
  public void close() {
    scope.close(); // throws what is wrong with it
    takeBackAll();
  }
}
