package io.cistern.simulator.tune;

import io.cistern.simulator.ReplayListener;
import io.cistern.simulator.Trace;

/**
 * How much is tried. Trying takes a pass over all operations; there are so many passes that it ends
 * within some seconds, but {@value #LEAST} however long that takes.
 */
final class Effort {
  private static final long OPERATIONS = 400_000_000L;
  private static final int LEAST = 200;
  private static final int MOST = 500_000;

  private final Trace trace;
  private final ReplayListener listener;
  private final long passes;
  private long spent;

  Effort(Trace trace, int operations, ReplayListener listener) {
    this.trace = trace;
    this.listener = listener;
    this.passes = Math.clamp(OPERATIONS / Math.max(1, operations), LEAST, MOST);
  }

  /** Takes one pass; false when none is left, or nobody wants the answer any more. */
  boolean spend() {
    if (isSpent()) {
      return false;
    }
    spent++;
    if (!listener.onProgress(trace, "trying tiers", (double) spent / passes)) {
      spent = passes;
    }
    return true;
  }

  boolean isSpent() {
    return spent >= passes;
  }
}
