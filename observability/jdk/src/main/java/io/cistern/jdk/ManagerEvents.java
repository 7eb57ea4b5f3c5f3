package io.cistern.jdk;

import io.cistern.ManagerListener;
import io.cistern.ManagerPressure;
import io.cistern.PoolListener;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Hands what a manager tells to its own bean, and to that of the pool it is about. */
final class ManagerEvents implements ManagerListener {
  private final Emitter manager;
  private final Map<String, Emitter> pools;

  /**
   * Emitters of the beans.
   *
   * @param pools by name
   */
  ManagerEvents(Emitter manager, Map<String, Emitter> pools) {
    this.manager = manager;
    this.pools = Map.copyOf(pools);
  }

  @Override
  public void onPressureChanged(ManagerPressure change) {
    tell(EventKind.PRESSURE, change.pool(), change::message, change);
  }

  @Override
  public void onExhausted(PoolListener.Exhaustion exhaustion) {
    tell(EventKind.EXHAUSTED, exhaustion.pool(), () -> text(exhaustion), exhaustion);
  }

  private void tell(EventKind kind, String pool, Supplier<String> text, Record figures) {
    manager.tell(kind, text, figures);
    @Nullable Emitter own = pools.get(pool);
    if (own != null) {
      own.tell(kind, text, figures);
    }
  }

  private static String text(PoolListener.Exhaustion exhaustion) {
    return String.format(
        Locale.ROOT,
        "pool '%s': no room for %,d B; largest free %,d B, used %,d of %,d B",
        exhaustion.pool(),
        exhaustion.requestedBytes(),
        exhaustion.largestFreeBytes(),
        exhaustion.usedBytes(),
        exhaustion.limitBytes());
  }
}
