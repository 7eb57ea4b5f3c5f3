package io.cistern;

import io.cistern.internal.Allowance;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the pools of a manager, and tells those who want to know: how hard each is pressed, and
 * all together. It looks ten times a second, on a daemon thread that runs from the first listener
 * or reclaimer on until the manager is closed; so that it costs those who allocate nothing.
 *
 * <pre>
 * of each pool      used bytes; of one of variable size free bytes and fragmentation too
 * of all together   used bytes; free bytes of the budget, if there is one
 * </pre>
 *
 * <p>Fragmentation is never computed over tiers: their blocks do not fragment, and adding them up
 * as if they were one heap would say nothing.
 *
 * <p>When a level turns CRITICAL, regions that nobody uses are given back and the reclaimers are
 * run, on that thread. When a request would be refused, other pools' idle regions are given back if
 * that lets its own pool grow, else the reclaimers are run for it; then it is tried once more.
 */
final class ManagerWatch implements PoolEvents.Hook, AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.cistern");
  private static final long PAUSE_NANOS = 100_000_000;

  final Reclaimers reclaimers = new Reclaimers();
  private final Map<PoolBase, PressureGauge> each = new LinkedHashMap<>();
  private final PressureGauge whole;
  private final Allowance budget;
  private final Allowance fallback;
  private final CopyOnWriteArrayList<ManagerListener> listeners = new CopyOnWriteArrayList<>();
  private @Nullable Thread watcher;
  private boolean closed;

  ManagerWatch(
      Iterable<MemoryPool> pools, Allowance budget, Allowance fallback, PressureLimits limits) {
    this.budget = budget;
    this.fallback = fallback;
    this.whole = new PressureGauge(limits);
    for (MemoryPool pool : pools) {
      PoolBase base = (PoolBase) pool;
      each.put(base, new PressureGauge(limits));
      base.events.hook(this);
    }
  }

  void addListener(ManagerListener listener) {
    listeners.add(listener);
    start();
  }

  void removeListener(ManagerListener listener) {
    listeners.remove(listener);
  }

  Reclaimer.Registration addReclaimer(int priority, String name, Reclaimer reclaimer) {
    Reclaimer.Registration registration = reclaimers.add(priority, name, reclaimer);
    start();
    return registration;
  }

  private synchronized void start() {
    if (watcher == null && !closed) {
      watcher = new Thread(this::watch, "cistern-pressure");
      watcher.setDaemon(true);
      watcher.start();
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private void watch() {
    while (!isClosed()) {
      try {
        look();
      } catch (RuntimeException thrown) {
        LOG.log(System.Logger.Level.WARNING, "pressure could not be read", thrown);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** Follows all readings, and tells what has changed. */
  void look() {
    each.forEach((pool, gauge) -> gauge.follow(new OfPool(pool), tell(pool.name())));
    whole.follow(new OfAll(), tell(""));
  }

  PressureLevel level() {
    look();
    return whole.level();
  }

  /** The level that a look would find now; nothing is told, and nobody is called. */
  PressureLevel peek() {
    return whole.peek(new OfAll());
  }

  PressureLimits limits() {
    return whole.limits();
  }

  void change(PressureLimits limits) {
    each.forEach((pool, gauge) -> gauge.change(limits, new OfPool(pool), tell(pool.name())));
    whole.change(limits, new OfAll(), tell(""));
  }

  private Consumer<PressureGauge.Change> tell(String pool) {
    return change -> {
      ManagerPressure event = change.in(pool);
      hear(listener -> listener.onPressureChanged(event));
      if (event.turnsCritical()) {
        trim();
        reclaimers.run(
            new Reclaimer.Request(
                pool, Long.MAX_VALUE, PressureLevel.CRITICAL, System.nanoTime())); // no waiting
      }
    };
  }

  private Reclaimer.Request request(String pool, long bytes) {
    return new Reclaimer.Request(
        pool, bytes, whole.level(), System.nanoTime() + reclaimers.time().toNanos());
  }

  private void hear(Consumer<ManagerListener> event) {
    for (ManagerListener listener : listeners) {
      try {
        event.accept(listener);
      } catch (Throwable thrown) {
        LOG.log(System.Logger.Level.WARNING, "a listener of the manager threw", thrown);
      }
    }
  }

  // --- what pools tell -------------------------------------------------------------------------

  /** Idle regions of others first, where that lets the pool grow; then the reclaimers. */
  @Override
  public boolean reclaim(String pool, long bytes) {
    return (mayGrow(pool) && trim() > 0) || reclaimers.run(request(pool, bytes));
  }

  private boolean mayGrow(String name) {
    for (PoolBase pool : each.keySet()) {
      Governor governor = pool.governor();
      if (governor != null && pool.name().equals(name)) {
        return governor.regions.mayGrow();
      }
    }
    return false;
  }

  /** Gives back all regions that nobody uses; how many bytes these were. */
  long trim() {
    long bytes = 0;
    for (PoolBase pool : each.keySet()) {
      Governor governor = pool.governor();
      if (governor != null && governor.regions.comeAndGo()) {
        long before = governor.regions.bytes();
        governor.regions.trim(0, System.nanoTime());
        bytes += Math.max(0, before - governor.regions.bytes());
      }
    }
    return bytes;
  }

  @Override
  public boolean isHeard() {
    return !listeners.isEmpty();
  }

  @Override
  public void exhausted(PoolListener.Exhaustion exhaustion) {
    hear(listener -> listener.onExhausted(exhaustion));
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      if (watcher != null) {
        LockSupport.unpark(watcher);
      }
    }
    reclaimers.close();
  }

  void reclaimTime(Duration time) {
    reclaimers.time(time);
  }

  /** What is read of one pool. */
  private record OfPool(PoolBase pool) implements PressureGauge.Source {
    @Override
    public long usedBytes() {
      return pool.usedBytes();
    }

    @Override
    public long totalBytes() {
      return pool.blockBytes();
    }

    @Override
    public long freeBytes() {
      return pool.isVariable() ? pool.blockBytes() - pool.usedBytes() : NONE;
    }

    @Override
    public double fragmentationPercent() {
      PoolStats.Variable variable = pool.isVariable() ? pool.stats().variable() : null;
      return variable == null ? NONE : variable.externalFragmentationPercent();
    }

    private static final long NONE = PressureGauge.NONE;
  }

  /** What is read of all. */
  private final class OfAll implements PressureGauge.Source {
    @Override
    public long usedBytes() {
      return each.keySet().stream().mapToLong(PoolBase::usedBytes).sum();
    }

    @Override
    public long totalBytes() {
      return each.keySet().stream().mapToLong(PoolBase::blockBytes).sum();
    }

    /** What neither regions nor static buffers nor live fallback memory has taken. */
    @Override
    public long freeBytes() {
      return budget.limit() == Allowance.UNLIMITED
          ? PressureGauge.NONE
          : budget.limit() - budget.taken() + (fallback.limit() - fallback.taken());
    }
  }
}
