package io.cistern;

import io.cistern.InvalidFreeException.Reason;
import io.cistern.internal.CoarseClock;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
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

  private final LongAdder unlogged = new LongAdder();
  private volatile int loggedTick = CoarseClock.ticks();
  private volatile boolean logged;

  final LongAdder violations = new LongAdder();
  final LongAdder refused = new LongAdder();

  PoolEvents(String pool, List<PoolListener> listeners, Pressure pressure, long totalBytes) {
    this.pool = pool;
    this.listeners = List.copyOf(listeners);
    this.pressure = pressure;
    this.totalBytes = totalBytes;
  }

  PressureLevel pressure(long usedBytes) {
    return pressure.peek(usedBytes);
  }

  /** Counts a request that found no block; gathers its figures only if somebody wants them. */
  void countExhausted(long size, Tier fitting, Tier[] tiers) {
    if (isLineDue() || !listeners.isEmpty()) {
      exhausted(size, fitting, tiers);
    } else {
      fitting.failed.increment();
      unlogged.increment();
    }
  }

  /** Counts and reports a request that found no block, and gives its figures for an exception. */
  PoolListener.Exhaustion exhausted(long size, Tier fitting, Tier[] tiers) {
    fitting.failed.increment();
    unlogged.increment();
    PoolListener.Exhaustion exhaustion = figures(size, fitting, tiers);
    if (isLineDue()) {
      log(exhaustion);
    }
    tell(listener -> listener.onExhausted(exhaustion));
    return exhaustion;
  }

  private PoolListener.Exhaustion figures(long size, Tier fitting, Tier[] tiers) {
    long largestFree = 0;
    for (Tier tier : tiers) {
      largestFree = tier.blocks.used() < tier.slab.count() ? tier.slab.blockSize() : largestFree;
    }
    long used = Tier.usedBytes(tiers);
    return new PoolListener.Exhaustion(
        pool, size, fitting.slab.blockSize(), largestFree, totalBytes - used, used, totalBytes);
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

  /** What a tier calls when its use may have changed: nothing at all while nobody listens. */
  Runnable watch(Tier[] tiers, int tier) {
    return isWatched() ? () -> used(tiers[tier], tiers) : () -> {};
  }

  private void used(Tier tier, Tier[] tiers) {
    long blockSize = tier.slab.blockSize();
    follow(
        tier.pressure,
        blockSize,
        () -> tier.blocks.used() * blockSize,
        tier.slab.count() * blockSize);
    follow(pressure, 0, () -> Tier.usedBytes(tiers), totalBytes);
  }

  /** Looks again after each change, so that the last one to look leaves the level that is right. */
  private void follow(Pressure level, long blockSize, LongSupplier usedBytes, long total) {
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
