package io.cistern.spring;

import io.cistern.MemoryPool;
import io.cistern.PoolStats;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

/**
 * The meters of a pool's labels. A pool comes to know labels one by one and never forgets any, so
 * each gets its meters when it is first seen.
 */
final class LabelMeters {
  private final MeterRegistry registry;
  private final MemoryPool pool;
  private final Set<String> seen = ConcurrentHashMap.newKeySet();

  LabelMeters(MeterRegistry registry, MemoryPool pool) {
    this.registry = registry;
    this.pool = pool;
  }

  /** Makes the meters of labels that are new; says how many labels there are. */
  int look() {
    List<PoolStats.Label> labels = pool.stats().labels();
    for (PoolStats.Label label : labels) {
      if (seen.add(label.name())) {
        bind(label.name());
      }
    }
    return labels.size();
  }

  private void bind(String name) {
    Tags tags = Tags.of("pool", pool.name(), "label", name.isEmpty() ? "none" : name);
    PoolMetrics.gauge(
        registry, "cistern.label.used", "bytes", pool, tags, of(name, PoolStats.Label::liveBytes));
    PoolMetrics.gauge(
        registry,
        "cistern.label.blocks",
        "blocks",
        pool,
        tags,
        of(name, PoolStats.Label::liveBlocks));
    counter("allocations", tags, of(name, PoolStats.Label::allocations));
    counter("frees", tags, of(name, PoolStats.Label::frees));
    counter("failed", tags, of(name, PoolStats.Label::failed));
  }

  private void counter(String figure, Tags tags, ToDoubleFunction<MemoryPool> value) {
    PoolMetrics.counter(registry, "cistern.label." + figure, pool, tags, value);
  }

  private static ToDoubleFunction<MemoryPool> of(
      String name, ToDoubleFunction<PoolStats.Label> value) {
    return pool ->
        pool.stats().labels().stream()
            .filter(label -> label.name().equals(name))
            .mapToDouble(value)
            .findFirst()
            .orElse(0);
  }
}
