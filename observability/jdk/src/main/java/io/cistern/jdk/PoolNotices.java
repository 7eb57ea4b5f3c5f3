package io.cistern.jdk;

import io.cistern.Damage;
import io.cistern.InvalidFreeException;
import io.cistern.MemoryPool;
import io.cistern.PoolListener;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Hands what a pool tells to its own bean, and to that of its manager. Levels of a whole pool are
 * left to the manager where there is one, which looks at more than its use; those of tiers are not.
 */
final class PoolNotices implements PoolListener {
  private final MemoryPool pool;
  private final List<Emitter> beans;
  private final boolean managed;

  /**
   * The notices of a pool.
   *
   * @param beans that notify of them
   * @param managed whether a manager tells of the level of the whole pool
   */
  PoolNotices(MemoryPool pool, List<Emitter> beans, boolean managed) {
    this.pool = pool;
    this.beans = List.copyOf(beans);
    this.managed = managed;
  }

  /**
   * A free that was refused.
   *
   * @param pool name of the pool
   * @param reason why
   * @param message as it was thrown
   */
  record Violation(String pool, String reason, String message) {}

  @Override
  public void onExhausted(Exhaustion exhaustion) {
    tell(
        EventKind.EXHAUSTED,
        () ->
            "pool '%s': no room for %,d B; largest free %,d B, used %,d of %,d B"
                .formatted(
                    exhaustion.pool(),
                    exhaustion.requestedBytes(),
                    exhaustion.largestFreeBytes(),
                    exhaustion.usedBytes(),
                    exhaustion.limitBytes()),
        exhaustion);
  }

  @Override
  public void onPressureChanged(PressureChange change) {
    if (managed && change.tierBlockSizeBytes() == 0) {
      return;
    }
    tell(
        EventKind.PRESSURE,
        () ->
            "pool '%s'%s: %s -> %s, used %,d of %,d B"
                .formatted(
                    change.pool(),
                    change.tierBlockSizeBytes() == 0
                        ? ""
                        : ", blocks of %,d B".formatted(change.tierBlockSizeBytes()),
                    change.from(),
                    change.to(),
                    change.usedBytes(),
                    change.totalBytes()),
        change);
  }

  @Override
  public void onViolation(InvalidFreeException violation) {
    String message = String.valueOf(violation.getMessage());
    tell(
        EventKind.VIOLATION,
        () -> "pool '%s': %s".formatted(pool.name(), message),
        new Violation(pool.name(), violation.reason().name(), message));
  }

  @Override
  public void onDamage(Damage damage) {
    tell(EventKind.DAMAGE, damage::toString, damage);
  }

  @Override
  public void onLost(Lost lost) {
    tell(EventKind.LOST, lost::toString, lost);
  }

  @Override
  public void onGrown(RegionChange change) {
    tell(EventKind.GROWN, () -> text("took", change), change);
  }

  @Override
  public void onTrimmed(RegionChange change) {
    tell(EventKind.TRIMMED, () -> text("gave back", change), change);
  }

  private static String text(String did, RegionChange change) {
    return String.format(
        Locale.ROOT,
        "pool '%s' %s %,d B; regions %d, %,d B",
        change.pool(),
        did,
        change.bytes(),
        change.regions(),
        change.regionBytes());
  }

  private void tell(EventKind kind, Supplier<String> text, Record figures) {
    beans.forEach(bean -> bean.tell(kind, text, figures));
  }
}
