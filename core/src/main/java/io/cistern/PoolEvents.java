package io.cistern;

import io.cistern.InvalidFreeException.Reason;
import io.cistern.internal.CoarseClock;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;

/**
 * What a pool tells its listeners, and counts on the way. Slow paths only, and outside of all
 * locks.
 */
final class PoolEvents {
  private static final System.Logger LOG = System.getLogger("io.cistern");

  private static final long LOG_INTERVAL_MILLIS = 10_000;

  private final String pool;
  private final List<PoolListener> listeners;
  private final Pressure pressure;
  private final long totalBytes;
  private final LongFunction<PoolListener.Exhaustion> figures;

  private final LongAdder unlogged = new LongAdder();
  private volatile int loggedTick = CoarseClock.ticks();
  private volatile boolean logged;

  final LongAdder violations = new LongAdder();
  final LongAdder refused = new LongAdder();

  /**
   * Nothing has happened yet.
   *
   * @param builder of the pool
   * @param totalBytes in its blocks
   * @param figures of a request, by its size, that found no block
   */
  PoolEvents(
      MemoryPool.Builder builder, long totalBytes, LongFunction<PoolListener.Exhaustion> figures) {
    this.pool = builder.name;
    this.listeners = List.copyOf(builder.listeners);
    this.pressure = new Pressure(builder.lowPercent, builder.criticalPercent, totalBytes);
    this.totalBytes = totalBytes;
    this.figures = figures;
  }

  PressureLevel pressure(long usedBytes) {
    return pressure.peek(usedBytes);
  }

  /** Counts a request that found no block; gathers its figures only if somebody wants them. */
  void countExhausted(long size, LongAdder failed) {
    if (isLineDue() || !listeners.isEmpty()) {
      exhausted(size, failed);
    } else {
      failed.increment();
      unlogged.increment();
    }
  }

  /** Counts and reports a request that found no block, and gives its figures for an exception. */
  PoolListener.Exhaustion exhausted(long size, LongAdder failed) {
    failed.increment();
    unlogged.increment();
    PoolListener.Exhaustion exhaustion = figures.apply(size);
    if (isLineDue()) {
      log(exhaustion);
    }
    tell(listener -> listener.onExhausted(exhaustion));
    return exhaustion;
  }

  /** At most one line in ten seconds, however many requests are refused. */
  private boolean isLineDue() {
    return !logged || CoarseClock.millisSince(loggedTick) >= LOG_INTERVAL_MILLIS;
  }

  private void log(PoolListener.Exhaustion exhaustion) {
    logged = true;
    loggedTick = CoarseClock.ticks();
    LOG.log(
        System.Logger.Level.WARNING,
        () ->
            PoolExhaustedException.describe(exhaustion, "")
                + "; requests refused since the last such line: "
                + unlogged.sumThenReset());
  }

  /** A free that named no live allocation; to be thrown by the caller. */
  InvalidFreeException violation(Reason reason, String message) {
    violations.increment();
    InvalidFreeException violation = new InvalidFreeException(reason, message);
    tell(listener -> listener.onViolation(violation));
    return violation;
  }

  /** Whether anybody listens. */
  boolean isWatched() {
    return !listeners.isEmpty();
  }

  /** Reports a change of the whole pool's level. */
  void follow(LongSupplier usedBytes) {
    follow(pressure, 0, usedBytes, totalBytes);
  }

  /** Looks again after each change, so that the last one to look leaves the level that is right. */
  void follow(Pressure level, long blockSize, LongSupplier usedBytes, long total) {
    long used = usedBytes.getAsLong();
    for (Pressure.Change change = level.update(used); change != null; change = level.update(used)) {
      PoolListener.PressureChange event =
          new PoolListener.PressureChange(pool, blockSize, change.from(), change.to(), used, total);
      tell(listener -> listener.onPressureChanged(event));
      used = usedBytes.getAsLong();
    }
  }

  private void tell(Consumer<PoolListener> event) {
    for (PoolListener listener : listeners) {
      try {
        event.accept(listener);
      } catch (Throwable thrown) {
        LOG.log(System.Logger.Level.WARNING, "a listener of pool '" + pool + "' threw", thrown);
      }
    }
  }
}
