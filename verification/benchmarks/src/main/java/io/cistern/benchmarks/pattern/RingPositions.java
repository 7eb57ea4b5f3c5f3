package io.cistern.benchmarks.pattern;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.openjdk.jmh.annotations.CompilerControl;
import org.openjdk.jmh.infra.Control;

/**
 * Where the two ends of a ring stand: slots from {@code emptied} to {@code filled} are full. One
 * thread fills, one empties. Each end keeps what it last saw of the other one, so that they read
 * each other's line once a lap at best; lines lie far enough apart for the prefetcher.
 */
@CompilerControl(CompilerControl.Mode.INLINE)
final class RingPositions {
  private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int FILLED = 32;
  private static final int SEEN_EMPTIED = FILLED + 1;
  private static final int EMPTIED = 64;
  private static final int SEEN_FILLED = EMPTIED + 1;
  private static final int LENGTH = 96;
  private static final int SPINS_BEFORE_YIELD = 1000;

  private final long[] positions = new long[LENGTH];
  private final int slots;

  /** An empty ring of a power of two of slots. */
  RingPositions(int slots) {
    this.slots = slots;
  }

  /** For the filling thread: waits for an empty slot; -1 when the measurement is over. */
  int nextEmpty(Control control) {
    long mine = positions[FILLED];
    for (int spins = 0; mine - positions[SEEN_EMPTIED] == slots; spins++) {
      positions[SEEN_EMPTIED] = (long) LONGS.getAcquire(positions, EMPTIED);
      if (isPointless(spins, control)) {
        return -1;
      }
    }
    return slot(mine);
  }

  /** The slot that was taken last is full now. */
  void filled() {
    LONGS.setRelease(positions, FILLED, positions[FILLED] + 1);
  }

  /** For the emptying thread: waits for a full slot; -1 when the measurement is over. */
  int nextFull(Control control) {
    long mine = positions[EMPTIED];
    for (int spins = 0; mine == positions[SEEN_FILLED]; spins++) {
      positions[SEEN_FILLED] = (long) LONGS.getAcquire(positions, FILLED);
      if (isPointless(spins, control)) {
        return -1;
      }
    }
    return slot(mine);
  }

  /** The slot that was taken last is empty now. */
  void emptied() {
    LONGS.setRelease(positions, EMPTIED, positions[EMPTIED] + 1);
  }

  /** Whether any slot is full; when both threads are done. */
  boolean isAnyFull() {
    return positions[EMPTIED] != positions[FILLED];
  }

  /** The slot that was filled first. */
  int firstFull() {
    return slot(positions[EMPTIED]);
  }

  private int slot(long position) {
    return (int) position & (slots - 1);
  }

  /** One turn of waiting; true when the other thread has stopped and will not come. */
  @SuppressWarnings("ThreadPriorityCheck") // lets the other thread run where there is one core
  private static boolean isPointless(int spins, Control control) {
    if (spins < SPINS_BEFORE_YIELD) {
      Thread.onSpinWait();
    } else {
      Thread.yield();
    }
    return control.stopMeasurement;
  }
}
