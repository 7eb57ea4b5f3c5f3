package io.cistern.acceptance;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what a thread of the pools does when its time has come. */
final class Poll {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofMillis(1);

  private Poll() {}

  /** Returns when it is so; the check has failed when that takes longer than 5 seconds. */
  static void until(String what, BooleanSupplier isSo) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!isSo.getAsBoolean()) {
      Expect.that(
          System.nanoTime() < deadline,
          "waited %d s, and still not: %s".formatted(PATIENCE.toSeconds(), what));
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }
}
