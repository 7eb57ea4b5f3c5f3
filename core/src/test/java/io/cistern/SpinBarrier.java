package io.cistern;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Lets threads go on within nanoseconds of each other, as long as each has a core. */
final class SpinBarrier {
  private static final int SPINS = 2_000;

  private final int threads;
  private final AtomicInteger arrived = new AtomicInteger();

  SpinBarrier(int threads) {
    this.threads = threads;
  }

  /** Returns when all threads have called this as often as the calling one. */
  void await() {
    int ticket = arrived.getAndIncrement();
    int all = (ticket / threads + 1) * threads;
    for (int spins = 0; arrived.get() < all; spins++) {
      if (spins < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(1);
      }
    }
  }
}
