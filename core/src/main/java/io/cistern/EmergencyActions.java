package io.cistern;

import io.cistern.Emergencies.AgedReclaimer;
import io.cistern.Emergencies.Alert;
import io.cistern.Emergencies.Trigger;
import io.cistern.Emergencies.WatchdogAlert;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What {@link Emergencies} do, once it is decided: calls of users' code, one guarded by itself, so
 * that whatever one throws the next is called.
 */
final class EmergencyActions {
  private static final System.Logger LOG = System.getLogger("io.cistern");

  /** What is old may take as long to go as all reclaimers together. */
  private static final Duration RECLAIM_TIME = Reclaimers.DEFAULT_TIME;

  private final Supplier<String> dump;
  private final Runnable save;
  private final Runnable restart;
  private final Runnable shed;
  private final AgedReclaimer old;
  private final Duration age;
  private final Consumer<Alert> alert;
  private final Consumer<WatchdogAlert> watchdog;

  EmergencyActions(Emergencies.Builder builder) {
    this.dump = builder.dump;
    this.save = builder.save;
    this.restart = builder.restart;
    this.shed = builder.shed;
    this.old = builder.old;
    this.age = builder.age;
    this.alert = builder.alert;
    this.watchdog = builder.watchdog;
  }

  void watchdog(WatchdogAlert heard) {
    guarded("watchdog", () -> watchdog.accept(heard));
  }

  /** Writes the state to the log. */
  void state(Alert heard) {
    guarded(
        "dump",
        () ->
            LOG.log(
                System.Logger.Level.WARNING, text(heard) + System.lineSeparator() + dump.get()));
  }

  void saveAndRestart() {
    LOG.log(System.Logger.Level.ERROR, "a restart is asked for: fragmentation is critical");
    guarded("save", save);
    guarded("restart", restart);
  }

  /** Writes a line to the log. */
  void line(Alert heard) {
    LOG.log(System.Logger.Level.WARNING, () -> text(heard));
  }

  /** Tells a person, and the log. */
  void alert(Alert heard) {
    LOG.log(System.Logger.Level.ERROR, () -> text(heard));
    guarded("alert", () -> alert.accept(heard));
  }

  /** Sheds what can wait, drops what is old, then tells what that brought. */
  void exhausted(PoolListener.Exhaustion exhaustion, long heldBack) {
    guarded("shed", shed);
    long[] freed = new long[1];
    guarded("reclaimOld", () -> freed[0] = Math.max(0, old.reclaim(request(exhaustion), age)));
    String message =
        "%s; what is older than %s gave %d B back"
            .formatted(PoolExhaustedException.describe(exhaustion, ""), age, freed[0]);
    alert(new Alert(Trigger.EXHAUSTED, exhaustion.pool(), message, heldBack));
  }

  private static Reclaimer.Request request(PoolListener.Exhaustion exhaustion) {
    return new Reclaimer.Request(
        exhaustion.pool(),
        exhaustion.requestedBytes(),
        PressureLevel.CRITICAL,
        System.nanoTime() + RECLAIM_TIME.toNanos());
  }

  private static String text(Alert heard) {
    return heard.heldBack() == 0
        ? heard.message()
        : heard.message() + "; not told since the last time: " + heard.heldBack();
  }

  private static void guarded(String what, Runnable callback) {
    try {
      callback.run();
    } catch (Throwable thrown) {
      LOG.log(System.Logger.Level.WARNING, "callback '" + what + "' of emergencies threw", thrown);
    }
  }
}
