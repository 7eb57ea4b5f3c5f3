package io.cistern.gateway.load;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Holds all clients together to a number of frames a second. Who takes a handful at once gets it at
 * once and makes those who come after wait for it, so that bursts are possible and the mean holds.
 */
final class Pace {
  private final long nanosPerFrame;
  private long nextNanos = System.nanoTime();

  Pace(int framesPerSecond) {
    this.nanosPerFrame = TimeUnit.SECONDS.toNanos(1) / framesPerSecond;
  }

  /** Waits until this many frames may be sent. */
  void take(int frames) {
    long start = reserve(frames * nanosPerFrame);
    for (long left = start - System.nanoTime(); left > 0; left = start - System.nanoTime()) {
      LockSupport.parkNanos(left);
      if (Thread.currentThread().isInterrupted()) {
        return;
      }
    }
  }

  private synchronized long reserve(long nanos) {
    long start = Math.max(nextNanos, System.nanoTime());
    nextNanos = start + nanos;
    return start;
  }
}
