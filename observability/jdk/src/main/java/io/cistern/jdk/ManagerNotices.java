package io.cistern.jdk;

import io.cistern.ManagerListener;
import io.cistern.ManagerPressure;
import java.util.Map;

/** Hands the levels that a manager tells to its own bean, and to that of the pool concerned. */
final class ManagerNotices implements ManagerListener {
  private final Emitter manager;
  private final Map<String, Emitter> pools;

  /**
   * Emitters of the beans.
   *
   * @param pools by name
   */
  ManagerNotices(Emitter manager, Map<String, Emitter> pools) {
    this.manager = manager;
    this.pools = Map.copyOf(pools);
  }

  @Override
  public void onPressureChanged(ManagerPressure change) {
    manager.tell(EventKind.PRESSURE, change::message, change);
    Emitter pool = pools.get(change.pool());
    if (pool != null) {
      pool.tell(EventKind.PRESSURE, change::message, change);
    }
  }
}
