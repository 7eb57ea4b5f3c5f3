package io.cistern.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C (or a polite kill) as a wish to stop. The run is told to end, ends in order with its
 * summary, and its exit code becomes the exit code of the process: the JVM, which is shutting down
 * by then, would end with 130.
 */
final class StopSignal implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 30;

  private final CountDownLatch wanted = new CountDownLatch(1);
  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread hook = new Thread(this::onShutdown, "stop-signal");
  private volatile int exitCode = 1;

  StopSignal() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void onShutdown() {
    wanted.countDown();
    try {
      if (done.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        Runtime.getRuntime().halt(exitCode);
      }
    } catch (InterruptedException gone) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether it is time to stop; waits up to this long for the wish. */
  boolean isWantedWithin(long nanos) {
    try {
      return wanted.await(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** The run is over; everything has been written. */
  void finished(int code) {
    exitCode = code;
  }

  @Override
  public void close() {
    done.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException shuttingDown) {
      // The hook ends the process.
    }
  }
}
