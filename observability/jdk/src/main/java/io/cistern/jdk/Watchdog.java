package io.cistern.jdk;

import io.cistern.Emergencies.WatchdogAlert;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A user's callback, at arm's length: it runs on a daemon thread of its own, one alert after the
 * other. While it does not return, up to 16 alerts wait; more are dropped and counted. What it
 * throws is logged.
 */
final class Watchdog implements AutoCloseable {
  static final int WAITING = 16;

  private final Consumer<WatchdogAlert> callback;
  private final System.Logger log;
  private final AtomicLong dropped = new AtomicLong();
  private final ThreadPoolExecutor thread =
      new ThreadPoolExecutor(
          1,
          1,
          1,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(WAITING),
          Thread.ofPlatform().name("cistern-watchdog").daemon().factory());

  Watchdog(Consumer<WatchdogAlert> callback, System.Logger log) {
    this.callback = callback;
    this.log = log;
    thread.allowCoreThreadTimeOut(true);
  }

  void alert(WatchdogAlert alert) {
    try {
      thread.execute(() -> call(alert));
    } catch (RejectedExecutionException full) {
      dropped.incrementAndGet();
    }
  }

  private void call(WatchdogAlert alert) {
    try {
      callback.accept(alert);
    } catch (Throwable thrown) {
      log.log(System.Logger.Level.WARNING, "the watchdog threw", thrown);
    }
  }

  /** Alerts that found no room since this was asked last. */
  long takeDropped() {
    return dropped.getAndSet(0);
  }

  /** Interrupts the callback, and forgets what waits. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}
