package io.cistern.acceptance;

import io.cistern.ManagerListener;
import io.cistern.ManagerPressure;
import io.cistern.ManagerPressure.Reading;
import io.cistern.PressureLevel;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What a manager told of the levels of its pools. Safe for use by several threads. */
final class Heard implements ManagerListener {
  private final Queue<ManagerPressure> changes = new ConcurrentLinkedQueue<>();

  @Override
  public void onPressureChanged(ManagerPressure change) {
    changes.add(change);
  }

  /** Crossings of one reading. */
  List<ManagerPressure> of(Reading reading) {
    return changes.stream().filter(change -> change.cause().reading() == reading).toList();
  }

  /** Waits for so many crossings of a reading, of which this is the last; it goes to that level. */
  ManagerPressure.Cause crossing(Reading reading, int number, PressureLevel to) {
    String what = "crossing %d of %s, to %s".formatted(number, reading, to);
    Poll.until(what, () -> of(reading).size() >= number);
    ManagerPressure.Cause cause = of(reading).get(number - 1).cause();
    Expect.equal("level after " + what, to, cause.to());
    return cause;
  }

  /** Waits for a crossing by which the level of all pools together became this one. */
  ManagerPressure.Cause whole(PressureLevel to) {
    Poll.until("all pools turn " + to, () -> changes.stream().anyMatch(c -> isWhole(c, to)));
    return changes.stream().filter(c -> isWhole(c, to)).findFirst().orElseThrow().cause();
  }

  private static boolean isWhole(ManagerPressure change, PressureLevel to) {
    return change.pool().isEmpty() && change.to() == to && change.from() != to;
  }
}
