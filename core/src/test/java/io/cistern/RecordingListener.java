package io.cistern;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Writes down what it hears, in one line each. */
final class RecordingListener implements PoolListener {
  final List<String> heard = new CopyOnWriteArrayList<>();

  @Override
  public void onExhausted(Exhaustion exhaustion) {
    heard.add("exhausted " + exhaustion);
  }

  @Override
  public void onPressureChanged(PressureChange change) {
    String where =
        change.tierBlockSizeBytes() == 0 ? "pool" : "tier " + change.tierBlockSizeBytes();
    heard.add(
        "%s %s>%s %d/%d"
            .formatted(where, change.from(), change.to(), change.usedBytes(), change.totalBytes()));
  }

  @Override
  public void onViolation(InvalidFreeException violation) {
    heard.add("violation " + violation.reason());
  }

  /** What was heard since the last call. */
  List<String> take() {
    List<String> taken = List.copyOf(heard);
    heard.clear();
    return taken;
  }
}
