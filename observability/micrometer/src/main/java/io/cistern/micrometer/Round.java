package io.cistern.micrometer;

import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One snapshot, sorted so that each meter finds its thing by one look-up. Immutable.
 *
 * @see Rounds
 */
final class Round {
  private final long number;
  private final long takenNanos;
  private final Map<Kind<?>, Map<Tags, ?>> things = new HashMap<>();

  Round(long number, long takenNanos, Scene scene) {
    this.number = number;
    this.takenNanos = takenNanos;
    Kind.all().forEach(kind -> things.put(kind, sorted(kind, scene)));
  }

  /** The first of two that have the same tags stays: nothing could tell them apart. */
  private static <T> Map<Tags, T> sorted(Kind<T> kind, Scene scene) {
    Map<Tags, T> sorted = new LinkedHashMap<>();
    kind.each(scene, sorted::putIfAbsent);
    return sorted;
  }

  /** Its place in the order of rounds. */
  long number() {
    return number;
  }

  long takenNanos() {
    return takenNanos;
  }

  /** The thing of a row; null when there is none (any more). */
  @SuppressWarnings("unchecked") // the kind it was put in with
  <T> @Nullable T find(Row<T> row) {
    Map<Tags, ?> ofKind = things.get(row.kind());
    return ofKind == null ? null : (T) ofKind.get(row.tags());
  }

  /** All things there are. */
  void forEach(BiConsumer<Kind<?>, Tags> thing) {
    Kind.all()
        .forEach(kind -> {
          Map<Tags, ?> ofKind = things.get(kind);
          if (ofKind != null) {
            ofKind.keySet().forEach(tags -> thing.accept(kind, tags));
          }
        });
  }
}
