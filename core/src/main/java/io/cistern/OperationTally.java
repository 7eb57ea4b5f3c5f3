package io.cistern;

import java.time.Duration;

/**
 * The figures of one {@link Operation}. Apart from it, so that what the pool holds on to does not
 * keep a forgotten operation from being collected.
 *
 * <pre>
 *   peak = max(0, allocated - freed) over all moments
 * </pre>
 *
 * <p>Any thread may count; under a lock of its own, held for a few additions.
 */
final class OperationTally {
  final String pool;
  final String operation;
  private final long openedNanos = System.nanoTime();

  // under the monitor
  private long tookNanos = -1;
  private long allocatedBlocks;
  private long allocatedBytes;
  private long freedBlocks;
  private long freedBytes;
  private long peakBytes;
  private long failures;

  OperationTally(String pool, String operation) {
    this.pool = pool;
    this.operation = operation;
  }

  synchronized void allocated(long bytes) {
    if (isOpen()) {
      allocatedBlocks++;
      allocatedBytes += bytes;
      peakBytes = Math.max(peakBytes, allocatedBytes - freedBytes);
    }
  }

  synchronized void freed(long bytes) {
    if (isOpen()) {
      freedBlocks++;
      freedBytes += bytes;
    }
  }

  synchronized void failed() {
    if (isOpen()) {
      failures++;
    }
  }

  synchronized boolean isOpen() {
    return tookNanos < 0;
  }

  /** Whether it was open; from here on nothing counts. */
  synchronized boolean end() {
    boolean wasOpen = isOpen();
    if (wasOpen) {
      tookNanos = System.nanoTime() - openedNanos;
    }
    return wasOpen;
  }

  synchronized OperationChange change() {
    return new OperationChange(
        pool,
        operation,
        Duration.ofNanos(isOpen() ? System.nanoTime() - openedNanos : tookNanos),
        allocatedBlocks,
        allocatedBytes,
        freedBlocks,
        freedBytes,
        peakBytes,
        failures);
  }
}
