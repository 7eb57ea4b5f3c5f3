package io.cistern;

import io.cistern.InvalidFreeException.Reason;
import io.cistern.PoolListener.Kind;
import io.cistern.internal.CoarseClock;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a pool tells its listeners, and counts on the way. Slow paths only, and outside of all
 * locks.
 */
final class PoolEvents {
  private static final System.Logger LOG = System.getLogger("io.cistern");

  private static final long LOG_INTERVAL_MILLIS = 10_000;

  private static final int MOST_DAMAGES_LOGGED = 100;
  private static final int KEPT_FAILURES = 5;

  final String pool;
  private final CheckLevel level;
  private final Listeners listeners;

  /** Whether levels are looked at with every change, and not once a tick: chosen when built. */
  private final boolean exact;

  private final Pressure pressure;
  private final long totalBytes;
  private final LongFunction<PoolListener.Exhaustion> figures;

  /** A manager, that wants to know and may be able to help. */
  interface Hook {
    /** Has memory freed for a request; whether it is worth another try. */
    boolean reclaim(String pool, long bytes);

    /** Whether anybody wants to know of refused requests. */
    boolean isHeard();

    void exhausted(PoolListener.Exhaustion exhaustion);
  }

  private volatile @Nullable Hook hook;

  private final LongAdder unlogged = new LongAdder();
  private volatile int loggedTick = CoarseClock.ticks();
  private volatile boolean logged;

  final LongAdder violations = new LongAdder();
  final LongAdder refused = new LongAdder();
  private final LongAdder damages = new LongAdder();
  private final LongAdder lostBlocks = new LongAdder();
  private final LongAdder deferredFrees = new LongAdder();

  /** Whose owners were collected. */
  final LostBlocks lost = new LostBlocks(this);

  /** Whose work is counted. */
  final Operations operations;

  private volatile boolean tracked;
  private volatile Runnable onTracked = () -> {};

  private final Deque<Failure> failures = new ConcurrentLinkedDeque<>();

  /**
   * The tick in which levels were looked at for listeners that came late; plain: once too often
   * does no harm.
   */
  private int lookTick;

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
    this.level = builder.checks.level();
    this.listeners = new Listeners(pool, builder.listeners);
    this.exact = !listeners.isEmpty();
    this.pressure = new Pressure(builder.lowPercent, builder.criticalPercent);
    this.totalBytes = totalBytes;
    this.figures = figures;
    this.operations = new Operations(pool, this::track);
  }

  private void track(boolean any) {
    tracked = any;
    if (any) {
      onTracked.run();
    }
  }

  /** What keeps allocations and frees off the fast path as soon as somebody's work is counted. */
  void whenTracked(Runnable action) {
    onTracked = action;
  }

  /** Whether every allocation and free is to be told to {@link #operations}. */
  boolean isTracked() {
    return tracked;
  }

  void setThresholds(double lowPercent, double criticalPercent) {
    pressure.set(lowPercent, criticalPercent);
  }

  PressureLevel pressure(long usedBytes) {
    return pressure.peek(usedBytes, totalBytes);
  }

  /** The level of a pool that grows. */
  PressureLevel pressure(long usedBytes, long total) {
    return pressure.peek(usedBytes, total);
  }

  /** Counts a request that found no block; gathers its figures only if somebody wants them. */
  void countExhausted(long size, LongAdder failed) {
    countExhausted(size, "", failed);
  }

  /** The same for a request under a label. */
  void countExhausted(long size, String label, LongAdder failed) {
    Hook manager = hook;
    if (isLineDue() || hears(Kind.EXHAUSTED) || (manager != null && manager.isHeard())) {
      exhausted(size, label, failed);
    } else {
      failed.increment();
      unlogged.increment();
      operations.failed(Thread.currentThread());
    }
  }

  /** Counts and reports a request that found no block, and gives its figures for an exception. */
  PoolListener.Exhaustion exhausted(long size, LongAdder failed) {
    return exhausted(size, "", failed);
  }

  /** The same for a request under a label. */
  PoolListener.Exhaustion exhausted(long size, String label, LongAdder failed) {
    failed.increment();
    unlogged.increment();
    operations.failed(Thread.currentThread());
    PoolListener.Exhaustion exhaustion = figures.apply(size).under(label);
    keep(PoolExhaustedException.describe(exhaustion, ""));
    if (isLineDue()) {
      log(exhaustion);
    }
    listeners.tell(listener -> listener.onExhausted(exhaustion));
    Hook manager = hook;
    if (manager != null) {
      manager.exhausted(exhaustion);
    }
    return exhaustion;
  }

  /** At most one line in ten seconds, however many requests are refused. */
  private boolean isLineDue() {
    return !logged || CoarseClock.millisSince(loggedTick) >= LOG_INTERVAL_MILLIS;
  }

  /** What went wrong, when. */
  record Failure(int tick, String reason) {
    long ageMillis() {
      return CoarseClock.millisSince(tick);
    }
  }

  /** The last few failures, the latest first. */
  List<Failure> lastFailures() {
    return List.copyOf(failures);
  }

  private void keep(String reason) {
    failures.addFirst(new Failure(CoarseClock.ticks(), reason));
    while (failures.size() > KEPT_FAILURES) {
      failures.pollLast();
    }
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
    return violation(reason, message, null);
  }

  /** As above; with what led to it, if that is known. */
  InvalidFreeException violation(Reason reason, String message, @Nullable Throwable cause) {
    violations.increment();
    InvalidFreeException violation = new InvalidFreeException(reason, message);
    if (cause != null) {
      violation.initCause(cause);
    }
    keep(reason + ": " + message);
    listeners.tell(listener -> listener.onViolation(violation));
    return violation;
  }

  /** Memory was written to by somebody who did not own it. Listeners hear of it a little later. */
  void damaged(Damage damage) {
    damages.increment();
    keep(damage.head());
    if (damages.sum() <= MOST_DAMAGES_LOGGED) {
      LOG.log(System.Logger.Level.WARNING, damage::toString);
    }
    listeners.tellLater(listener -> listener.onDamage(damage));
  }

  /** A block was not freed and cannot be any more. Listeners hear of it a little later. */
  void lost(PoolListener.Lost block) {
    lostBlocks.increment();
    if (lostBlocks.sum() <= MOST_DAMAGES_LOGGED) {
      LOG.log(System.Logger.Level.WARNING, block::toString);
    }
    listeners.tellLater(listener -> listener.onLost(block));
  }

  /** A free was put off, since its block is pinned. */
  void freeDeferred(PoolListener.DeferredFree free) {
    deferredFrees.increment();
    listeners.tell(listener -> listener.onFreeDeferred(free));
  }

  /** Tells what was found under a lock; to be called without. */
  void tellUntold() {
    listeners.tellUntold();
  }

  /** An allocation was sampled, by the calling thread. */
  void sampled(AllocationTrace trace, long grantedBytes) {
    if (hears(Kind.SAMPLED)) {
      PoolListener.Sampled sampled = trace.sampled(pool, grantedBytes);
      listeners.tell(listener -> listener.onSampled(sampled));
    }
  }

  /** A larger tier served a request. */
  void spilled(long size, long wanted, long taken, String label, boolean underLock) {
    if (hears(Kind.SPILLED)) {
      PoolListener.Spilled spilled = new PoolListener.Spilled(pool, size, wanted, taken, label);
      tell(listener -> listener.onSpilled(spilled), underLock);
    }
  }

  /** Memory was taken outside of the pool. */
  void tookFallback(long size, PoolStats.Fallback now, String label, boolean underLock) {
    PoolListener.FallbackTaken taken =
        new PoolListener.FallbackTaken(pool, size, now.liveBytes(), now.limitBytes(), label);
    tell(listener -> listener.onFallback(taken), underLock);
  }

  /** A region came. */
  void grown(PoolListener.RegionChange change, boolean underLock) {
    tell(listener -> listener.onGrown(change), underLock);
  }

  /** A region was given back. */
  void trimmed(PoolListener.RegionChange change, boolean underLock) {
    tell(listener -> listener.onTrimmed(change), underLock);
  }

  private void tell(Consumer<PoolListener> event, boolean underLock) {
    if (underLock) {
      listeners.tellLater(event);
    } else {
      listeners.tell(event);
    }
  }

  PoolStats.Checks checks(long extraBytes) {
    return new PoolStats.Checks(
        level, extraBytes, damages.sum(), lostBlocks.sum(), deferredFrees.sum());
  }

  /** Asks those that can free memory to do so; whether it is worth another try. */
  boolean reclaim(long size) {
    Hook manager = hook;
    return manager != null && manager.reclaim(pool, size);
  }

  void hook(Hook manager) {
    this.hook = manager;
  }

  void add(PoolListener listener) {
    listeners.add(listener);
  }

  void remove(PoolListener listener) {
    listeners.remove(listener);
  }

  /** Whether anybody wants to know of such an event now. */
  boolean hears(Kind kind) {
    return listeners.hears(kind);
  }

  /**
   * Whether levels are looked at with every change: in a pool that was built with a listener. For
   * those that come later they are looked at once a tick, so that no fast path changes.
   */
  boolean isExact() {
    return exact;
  }

  /** Whether levels are to be looked at now, in a pool whose every change asks that. */
  boolean isLookDue() {
    return exact || (!listeners.isEmpty() && isFirstOfTick() && hears(Kind.PRESSURE));
  }

  private boolean isFirstOfTick() {
    int now = CoarseClock.ticks();
    boolean first = now != lookTick;
    lookTick = now;
    return first;
  }

  /** Reports a change of the whole pool's level. */
  void follow(LongSupplier usedBytes) {
    follow(usedBytes, () -> totalBytes);
  }

  /** The same for a pool that grows. */
  void follow(LongSupplier usedBytes, LongSupplier total) {
    follow(pressure, 0, usedBytes, total);
  }

  /** Looks again after each change, so that the last one to look leaves the level that is right. */
  void follow(Pressure level, long blockSize, LongSupplier usedBytes, LongSupplier totalBytes) {
    while (true) {
      long used = usedBytes.getAsLong();
      long total = totalBytes.getAsLong();
      Pressure.Change change = level.update(used, total);
      if (change == null) {
        return;
      }
      PoolListener.PressureChange event =
          new PoolListener.PressureChange(pool, blockSize, change.from(), change.to(), used, total);
      listeners.tell(listener -> listener.onPressureChanged(event));
    }
  }
}
