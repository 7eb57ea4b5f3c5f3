package io.cistern.io;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets one call at a time use something, and anybody close it at any moment: a close during a call
 * is left to the end of that call.
 *
 * <pre>
 * IDLE ──enter──► USED ──leave──► IDLE
 *  │ close          │ close
 *  ▼                ▼
 * CLOSED          CLOSED ──leave──► CLOSED, and now free
 * </pre>
 *
 * Exactly one caller is told to free what is guarded: who closes it when IDLE, else the call that
 * was under way. Each is one atomic step on one word, so what a call wrote happens-before what the
 * next call reads, whichever threads they run on.
 */
final class OneAtATime {
  private static final int IDLE = 0;
  private static final int USED = 1;
  private static final int CLOSED = 2;

  private final AtomicInteger state = new AtomicInteger(IDLE);
  private final String what;

  /** What messages call the thing that is guarded. */
  OneAtATime(String what) {
    this.what = what;
  }

  /**
   * Begins a call.
   *
   * @throws IllegalStateException when another call is under way, or it is closed
   */
  void enter() {
    if (!state.compareAndSet(IDLE, USED)) {
      throw refused();
    }
  }

  /** Ends a call; true when the caller is to free what is guarded. */
  boolean leave() {
    return !state.compareAndSet(USED, IDLE);
  }

  /** Closes; true when the caller is to free what is guarded. */
  boolean close() {
    return state.getAndSet(CLOSED) == IDLE;
  }

  /** What is guarded could not be freed after all: it is as if it had never been closed. */
  void reopen() {
    state.set(IDLE);
  }

  boolean isClosed() {
    return state.get() == CLOSED;
  }

  private IllegalStateException refused() {
    return new IllegalStateException(
        isClosed()
            ? what + " is closed"
            : what + " is in use by another call: it serves one at a time");
  }
}
