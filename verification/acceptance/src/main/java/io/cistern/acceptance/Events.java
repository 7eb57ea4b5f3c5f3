package io.cistern.acceptance;

import io.cistern.InvalidFreeException;
import io.cistern.PoolListener;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What the pools of a check told their listener, in the order of arrival. Safe for use by several
 * threads.
 */
final class Events implements PoolListener {
  private final Queue<Exhaustion> exhaustions = new ConcurrentLinkedQueue<>();
  private final Queue<PressureChange> changes = new ConcurrentLinkedQueue<>();
  private final Queue<InvalidFreeException> violations = new ConcurrentLinkedQueue<>();

  @Override
  public void onExhausted(Exhaustion exhaustion) {
    exhaustions.add(exhaustion);
  }

  @Override
  public void onPressureChanged(PressureChange change) {
    changes.add(change);
  }

  @Override
  public void onViolation(InvalidFreeException violation) {
    violations.add(violation);
  }

  List<Exhaustion> exhaustions() {
    return List.copyOf(exhaustions);
  }

  int violations() {
    return violations.size();
  }

  /** Crossings of one tier, or of whole pools when the block size is 0. */
  List<PressureChange> changesOf(long tierBlockSizeBytes) {
    return changes.stream().filter(c -> c.tierBlockSizeBytes() == tierBlockSizeBytes).toList();
  }
}
