package io.cistern.misuse;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The allocations of a stage that should be live, each full of a byte of its own. */
final class Living {
  private static final int FILLS = 64;

  private final Map<Long, Victim> victims = new LinkedHashMap<>();
  private final Map<Long, Byte> fills = new LinkedHashMap<>();
  private int entered;

  /** Fills it. */
  Victim add(Victim victim) {
    byte fill = (byte) (1 + entered++ % FILLS);
    victim.segment().fill(fill);
    Victim before = victims.put(victim.handle(), victim);
    if (before != null) {
      throw new AssertionError("handed out twice: " + victim.block());
    }
    fills.put(victim.handle(), fill);
    return victim;
  }

  /** Its bytes were changed by somebody who may. */
  void refill(Victim victim) {
    victim.block().segment().fill(Objects.requireNonNull(fills.get(victim.handle())));
  }

  void remove(Victim victim) {
    victims.remove(victim.handle());
    fills.remove(victim.handle());
  }

  List<Victim> all() {
    return new ArrayList<>(victims.values());
  }

  /** One line for each that is not live, or not as it was filled. */
  List<String> harmed() {
    List<String> harmed = new ArrayList<>();
    for (Victim victim : victims.values()) {
      if (!victim.block().isLive()) {
        harmed.add(victim.block() + " should be live");
      } else if (!isFull(victim)) {
        harmed.add(victim.block() + " was written to");
      }
    }
    return harmed;
  }

  private boolean isFull(Victim victim) {
    byte fill = Objects.requireNonNull(fills.get(victim.handle()));
    return victim
        .segment()
        .elements(JAVA_BYTE)
        .allMatch(byteAt -> byteAt.get(JAVA_BYTE, 0) == fill);
  }
}
