package io.cistern;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;

/**
 * An arena over a pool for all threads.
 *
 * <p>Only the JDK can make a segment die while other threads may be using it, one scope at a time,
 * by a handshake with every thread. So {@link #close()} cannot cost less than {@link
 * Arena#ofShared()}'s without breaking the promise that after it nothing can be read: see
 * docs/arenas.md for what was tried.
 */
final class SharedPoolArena extends PoolArena {
  private final ReentrantLock lock = new ReentrantLock();

  SharedPoolArena(PoolBase pool) {
    super(pool, Arena.ofShared());
    pool.checkOpen();
  }

  @Override
  public MemorySegment allocate(long byteSize, long byteAlignment) {
    lock.lock();
    try {
      if (!scope.scope().isAlive()) {
        throw new IllegalStateException("Already closed");
      }
      return allocateNow(byteSize, byteAlignment);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      scope.close(); // throws what is wrong with it
      takeBackAll();
    } finally {
      lock.unlock();
    }
  }
}
