package io.cistern.mqtt;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Events of one kind and pool that may come a hundred thousand times a second. The first is told at
 * once; then one each 100 ms, with the number of those that it stands for. So the sum of all counts
 * is exact, and a flood does not push rare events out of the buffer. What a flood leaves behind
 * when it ends is told by {@link #settle}.
 *
 * <p>For any threads, lock-free.
 */
final class Flood {
  static final long WINDOW_NANOS = 100_000_000;

  private final Event.Type type;
  private final String pool;
  private final Consumer<Event> told;
  private final AtomicLong untold = new AtomicLong();
  private final AtomicLong nextNanos = new AtomicLong(System.nanoTime());
  private volatile @Nullable Object latest;

  Flood(Event.Type type, String pool, Consumer<Event> told) {
    this.type = type;
    this.pool = pool;
    this.told = told;
  }

  void add(Object details) {
    latest = details;
    untold.incrementAndGet();
    settle(System.nanoTime());
  }

  /** Tells what has not been told, if it is time to; whether to look again after the time. */
  boolean settle(long nowNanos) {
    long next = nextNanos.get();
    if (nowNanos - next < 0) {
      return true;
    }
    if (untold.get() == 0) {
      return false;
    }
    if (nextNanos.compareAndSet(next, nowNanos + WINDOW_NANOS)) {
      flush();
    }
    return true;
  }

  /** Tells the rest, whatever the time. */
  void flush() {
    long count = untold.getAndSet(0);
    Object details = latest;
    if (count > 0 && details != null) {
      told.accept(Event.now(type, pool, count, details));
    }
  }
}
