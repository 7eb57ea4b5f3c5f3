package io.cistern;

import java.util.concurrent.locks.LockSupport;

/**
 * A thread that waits for a block until it is handed one. Whoever hands it over does so under the
 * lock that also guards the queue in which the waiter stands, and wakes the thread.
 */
class Waiter {
  private final Thread thread = Thread.currentThread();
  final int size;

  private volatile long claimed = MemoryPool.NO_HANDLE;

  Waiter(int size) {
    this.size = size;
  }

  /** Makes the waiter the owner of an allocation, and wakes it; once. */
  final void serve(long handle) {
    claimed = handle;
    wake();
  }

  final void wake() {
    LockSupport.unpark(thread);
  }

  final boolean isServed() {
    return claimed != MemoryPool.NO_HANDLE;
  }

  final long claimed() {
    return claimed;
  }

  /**
   * Parks until it is served, the time is up, the pool is closed, or the thread is interrupted.
   *
   * @return whether it was interrupted
   */
  final boolean park(MemoryPool pool, long deadline) {
    boolean interrupted = false;
    for (long left = deadline - System.nanoTime();
        !isServed() && !interrupted && left > 0 && !pool.isClosed();
        left = deadline - System.nanoTime()) {
      LockSupport.parkNanos(pool, left);
      interrupted = Thread.interrupted();
    }
    return interrupted;
  }

  /**
   * What it was handed, or NO_HANDLE; to be asked when nobody can serve it any more. A block that
   * was handed over is not lost to an interrupt: the interrupt stays pending instead.
   */
  final long result(boolean interrupted) throws InterruptedException {
    if (interrupted && !isServed()) {
      throw new InterruptedException();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return claimed;
  }
}
