package io.cistern.micrometer;

import io.cistern.PoolStats;
import io.cistern.PressureLevel;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/**
 * One kind of thing that a snapshot holds, and the figures that each thing of it has. All kinds
 * together are the catalogue of our meters: a figure that is added to the snapshot is added there,
 * and nowhere else.
 *
 * @param <T> the thing
 */
final class Kind<T> {
  static final String BYTES = "bytes";
  static final String BLOCKS = "blocks";
  static final String PERCENT = "percent";

  private final String prefix;
  private final Things<T> things;
  private final List<Figure<T>> figures;

  /**
   * A kind.
   *
   * @param prefix of the names of its meters
   * @param things those of a scene, each with its tags
   * @param figures one meter each
   */
  Kind(String prefix, Things<T> things, List<Figure<T>> figures) {
    this.prefix = prefix;
    this.things = things;
    this.figures = figures;
  }

  /** Goes through the things of one kind in a scene. */
  @FunctionalInterface
  interface Things<T> {
    void each(Scene scene, BiConsumer<Tags, T> thing);

    /** Things that belong to pools. */
    static <T> Things<T> ofPools(OfPool<T> ofPool) {
      return (scene, thing) ->
          scene
              .stats()
              .pools()
              .forEach(pool -> ofPool.each(pool, Tags.of("pool", pool.pool()), thing));
    }
  }

  /** Goes through the things of one kind in a pool, whose tags begin with the pool's. */
  @FunctionalInterface
  interface OfPool<T> {
    void each(PoolStats pool, Tags tags, BiConsumer<Tags, T> thing);
  }

  /** All kinds. */
  static List<Kind<?>> all() {
    return Catalogue.ALL;
  }

  /** Apart, because the kinds need this class before it is there. */
  private static final class Catalogue {
    static final List<Kind<?>> ALL =
        Stream.of(ManagerKinds.ALL, PoolKinds.ALL, BlockKinds.ALL).flatMap(List::stream).toList();
  }

  void each(Scene scene, BiConsumer<Tags, T> thing) {
    things.each(scene, thing);
  }

  String prefix() {
    return prefix;
  }

  List<Figure<T>> figures() {
    return figures;
  }

  /** So that alerts can compare. */
  static int number(PressureLevel level) {
    return switch (level) {
      case NORMAL -> 0;
      case LOW -> 1;
      case CRITICAL -> 2;
    };
  }
}
