package io.cistern.internal;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Time in ticks of 10 ms, for the price of reading a field. A daemon thread writes it while a pool
 * is open; {@code nanoTime} on every allocation would cost two allocations. Ticks are never
 * negative, wrap, and are comparable by difference for 248 days.
 */
public final class CoarseClock {
  /** Length of a tick. */
  public static final long TICK_MILLIS = 10;

  private static final long ORIGIN_NANOS = System.nanoTime();

  /**
   * Plain on purpose: any recent value will do, and the JIT may keep it in a register within one
   * operation.
   */
  private static int ticks = 1;

  private static int users;
  private static @Nullable Thread ticker;

  private CoarseClock() {}

  /**
   * Now.
   *
   * @return ticks, as old as the scheduler lets the ticker thread be late
   */
  public static int ticks() {
    return ticks;
  }

  /**
   * The time that lies between a tick and now.
   *
   * @param tick an earlier value of {@link #ticks()}
   * @return milliseconds, a multiple of the tick
   */
  public static long millisSince(int tick) {
    return ((ticks - tick) & Integer.MAX_VALUE) * TICK_MILLIS;
  }

  /** Keeps the clock running; to be paired with {@link #release()}. */
  public static synchronized void retain() {
    if (users++ == 0) {
      tick();
      Thread thread = new Thread(null, CoarseClock::run, "cistern-clock", 0, false);
      thread.setDaemon(true);
      thread.setContextClassLoader(null);
      ticker = thread;
      thread.start();
    }
  }

  /** Lets the clock stop when nobody else needs it. */
  public static synchronized void release() {
    if (--users == 0) {
      Thread thread = ticker;
      ticker = null;
      LockSupport.unpark(thread);
    }
  }

  private static void run() {
    while (isTicker()) {
      tick();
      LockSupport.parkNanos(TICK_MILLIS * 1_000_000);
    }
  }

  @SuppressWarnings("ReferenceEquality") // this very thread is meant
  private static synchronized boolean isTicker() {
    return ticker == Thread.currentThread();
  }

  private static void tick() {
    long elapsed = (System.nanoTime() - ORIGIN_NANOS) / (TICK_MILLIS * 1_000_000);
    ticks = (int) (elapsed & Integer.MAX_VALUE);
  }
}
