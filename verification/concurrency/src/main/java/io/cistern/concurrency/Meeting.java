package io.cistern.concurrency;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Brings the two actors of a race together: each waits, briefly, until the other is there, and then
 * a random few nanoseconds, so that they run at every offset to each other. Without it the actors
 * drift apart and most of the samples are no race.
 */
public abstract class Meeting {
  private static final int ACTORS = 2;

  /** Long enough for the other actor when both run, short when one of them has lost its core. */
  private static final int PATIENCE = 500;

  /** Offsets are up to 2 to the power of this, in turns of a loop, short ones as likely as long. */
  private static final int MAX_OFFSET_BITS = 11;

  private static final VarHandle ARRIVED;

  static {
    try {
      ARRIVED = MethodHandles.lookup().findVarHandle(Meeting.class, "arrived", int.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  private volatile int arrived;

  /** For subclasses. */
  protected Meeting() {}

  /** The first thing that an actor does. */
  protected final void meet() {
    ARRIVED.getAndAdd(this, 1);
    for (int i = 0; i < PATIENCE && arrived < ACTORS; i++) {
      Thread.onSpinWait();
    }
    ThreadLocalRandom random = ThreadLocalRandom.current();
    int offset = random.nextInt(1 << random.nextInt(MAX_OFFSET_BITS + 1));
    while (offset > 0 && arrived > 0) {
      offset--;
    }
  }
}
