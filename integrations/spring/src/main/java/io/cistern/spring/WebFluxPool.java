package io.cistern.spring;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import java.util.List;
import java.util.Optional;

/** Finds the pool that {@code cistern.webflux.pool} names. */
final class WebFluxPool {
  private WebFluxPool() {}

  /**
   * The pool of this name, and where it keeps labels, the view of it under one.
   *
   * @throws PoolPropertiesException when the manager has no such pool, or one thread alone has it
   */
  static MemoryPool find(PoolManager manager, String name, String label) {
    List<String> names = manager.pools().stream().map(MemoryPool::name).toList();
    Optional<MemoryPool> pool =
        manager.pools().stream().filter(candidate -> candidate.name().equals(name)).findFirst();
    if (pool.isEmpty() || pool.get().isConfined()) {
      String rule =
          pool.isEmpty()
              ? "must be one of " + String.join(", ", names)
              : "must not be a pool that is confined to one thread";
      throw PoolPropertiesException.of(
          "cistern.webflux.pool = %s: %s".formatted(name, rule),
          new IllegalArgumentException(name));
    }
    return labelled(pool.get(), label);
  }

  private static MemoryPool labelled(MemoryPool pool, String label) {
    try {
      return pool.labelled(label);
    } catch (IllegalStateException keepsNone) {
      return pool;
    }
  }
}
