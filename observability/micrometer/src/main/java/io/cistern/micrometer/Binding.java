package io.cistern.micrometer;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Our meters in one registry. They follow the snapshot: what is new in a round gets its meters,
 * what is gone loses them. A label that was first used after a scrape began is in the next one.
 *
 * <p>The lock is never waited for by a thread that reads a meter: such a thread may be within the
 * registry, and whoever holds the lock calls the registry.
 */
final class Binding {
  /** The meter that every manager has: it shows whether somebody else's are in the registry. */
  private static final String FIRST = "cistern.pressure";

  private final MeterRegistry registry;
  private final Tags common;
  private final Rounds rounds;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Row<?>, List<Meter>> meters = new LinkedHashMap<>();
  private boolean closed;

  Binding(MeterRegistry registry, Tags common, Supplier<Scene> scenes, LongSupplier nanos) {
    this.registry = registry;
    this.common = common;
    this.rounds = new Rounds(scenes, nanos, this::tryFollow);
  }

  /**
   * Puts the meters in.
   *
   * @throws IllegalStateException when there are meters with these names and tags
   */
  void open() {
    Set<Meter.Id> before =
        registry.find(FIRST).meters().stream().map(Meter::getId).collect(Collectors.toSet());
    lock.lock();
    try {
      Row<?> first = new Row<>(rounds, ManagerKinds.MANAGER, Tags.empty());
      List<Meter> made = make(first);
      if (made.stream().anyMatch(meter -> before.contains(meter.getId()))) {
        throw new IllegalStateException(
            "the registry has a meter '%s' with the tags %s already: give the meters of each manager a tag of their own, as in PoolMetrics.builder(manager).tags(Tags.of(\"manager\", \"orders\"))"
                .formatted(FIRST, text(common)));
      }
      meters.put(first, made);
      follow(rounds.last());
    } finally {
      lock.unlock();
    }
  }

  private static String text(Tags tags) {
    return tags.stream()
        .map(tag -> tag.getKey() + "=" + tag.getValue())
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private void tryFollow(Round round) {
    if (lock.tryLock()) {
      try {
        follow(round);
      } finally {
        lock.unlock();
      }
    }
  }

  /** Makes the meters of what is new, removes those of what is gone. With the lock. */
  private void follow(Round round) {
    if (closed) {
      return;
    }
    Set<Row<?>> gone = new HashSet<>(meters.keySet());
    round.forEach((kind, tags) -> {
      Row<?> row = new Row<>(rounds, kind, tags);
      if (!gone.remove(row)) {
        meters.put(row, make(row));
      }
    });
    gone.forEach(row -> remove(meters.getOrDefault(row, List.of())));
    meters.keySet().removeAll(gone);
  }

  private <T> List<Meter> make(Row<T> row) {
    Kind<T> kind = row.kind();
    Tags tags = common.and(row.tags());
    List<Meter> made = new ArrayList<>();
    for (Figure<T> figure : kind.figures()) {
      made.add(figure.register(registry, kind.prefix(), tags, row));
    }
    return made;
  }

  private void remove(List<Meter> those) {
    those.forEach(registry::remove);
  }

  /** Takes the meters out again. */
  void close() {
    lock.lock();
    try {
      closed = true;
      meters.values().forEach(this::remove);
      meters.clear();
    } finally {
      lock.unlock();
    }
  }
}
