package io.cistern.mqtt;

import io.cistern.Damage;
import io.cistern.InvalidFreeException;
import io.cistern.ManagerListener;
import io.cistern.ManagerPressure;
import io.cistern.MemoryPool;
import io.cistern.PoolListener;
import io.cistern.PoolManager;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Hears what happens to the pools of a manager, on the threads that caused it: makes an {@link
 * Event} of it, hands that over, and returns. No lock, no I/O, no words.
 */
final class Ears implements ManagerListener, AutoCloseable {
  private final PoolManager manager;
  private final Consumer<Event> told;
  private final Map<String, Flood> exhausted = new LinkedHashMap<>();
  private final List<OfPool> pools = new ArrayList<>();

  /** Listens from now on. */
  Ears(PoolManager manager, Consumer<Event> told) {
    this.manager = manager;
    this.told = told;
    for (MemoryPool pool : manager.pools()) {
      exhausted.put(pool.name(), new Flood(Event.Type.EXHAUSTED, pool.name(), told));
      pools.add(new OfPool(pool));
    }
    manager.addListener(this);
    pools.forEach(each -> each.pool.addListener(each));
  }

  /** Listens no longer, and tells what floods have left untold. */
  @Override
  public void close() {
    manager.removeListener(this);
    pools.forEach(each -> each.pool.removeListener(each));
    exhausted.values().forEach(Flood::flush);
    pools.forEach(each -> each.violations.flush());
  }

  /** Tells of floods what it is time to tell; true when something is left. */
  boolean settle(long nowNanos) {
    boolean left = false;
    for (Flood flood : exhausted.values()) {
      left |= flood.settle(nowNanos);
    }
    for (OfPool each : pools) {
      left |= each.violations.settle(nowNanos);
    }
    return left;
  }

  @Override
  public void onPressureChanged(ManagerPressure change) {
    told.accept(Event.now(Event.Type.PRESSURE, change.pool(), 1, change));
  }

  @Override
  public void onExhausted(PoolListener.Exhaustion exhaustion) {
    Flood flood = exhausted.get(exhaustion.pool());
    if (flood != null) {
      flood.add(exhaustion);
    }
  }

  /** What only the pool itself tells. Its levels are the manager's business: above. */
  private final class OfPool implements PoolListener {
    private final MemoryPool pool;
    private final Flood violations;

    OfPool(MemoryPool pool) {
      this.pool = pool;
      this.violations = new Flood(Event.Type.VIOLATION, pool.name(), told);
    }

    @Override
    public void onViolation(InvalidFreeException violation) {
      violations.add(violation);
    }

    @Override
    public void onDamage(Damage damage) {
      told.accept(Event.now(Event.Type.DAMAGE, damage.pool(), 1, damage));
    }

    @Override
    public void onLost(Lost lost) {
      told.accept(Event.now(Event.Type.LOST, lost.pool(), 1, lost));
    }
  }
}
