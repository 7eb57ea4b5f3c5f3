package io.cistern.jdk;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Delivers notifications on a thread of its own, one after the other, so that who causes an event
 * never waits for who hears of it: a client that is slow, hangs or is dead. What waits is bounded;
 * what comes when the box is full is dropped and counted. The thread is a daemon, made when there
 * is something to deliver and gone a second after.
 */
final class Outbox implements AutoCloseable {
  /** Most notifications that wait. */
  static final int CAPACITY = 1000;

  private static final System.Logger LOG = System.getLogger("io.cistern.jdk");
  private static final long IDLE_SECONDS = 1;

  private final LongAdder dropped = new LongAdder();
  private final ThreadPoolExecutor thread =
      new ThreadPoolExecutor(
          1,
          1,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(CAPACITY),
          task -> Thread.ofPlatform().name("cistern-jmx").daemon().unstarted(task));

  Outbox() {
    thread.allowCoreThreadTimeOut(true);
  }

  /** Never waits. */
  void post(Runnable delivery) {
    try {
      thread.execute(() -> deliver(delivery));
    } catch (RejectedExecutionException full) {
      dropped.increment();
    }
  }

  private static void deliver(Runnable delivery) {
    try {
      delivery.run();
    } catch (RuntimeException thrown) {
      LOG.log(System.Logger.Level.WARNING, "a notification could not be delivered", thrown);
    }
  }

  /** How many found the box full. */
  long dropped() {
    return dropped.sum();
  }

  /** What waits is not delivered any more; a listener that hangs is not waited for. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}
