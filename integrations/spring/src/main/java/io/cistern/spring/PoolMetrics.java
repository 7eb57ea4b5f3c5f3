package io.cistern.spring;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.PoolStats;
import io.cistern.PressureLevel;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a manager's pools as Micrometer's meters, each read from {@link
 * MemoryPool#stats()} when somebody asks for it: nothing is counted twice, and those who allocate
 * pay nothing.
 *
 * <pre>
 * cistern.budget.*    the manager                        no tag
 * cistern.pool.*      a pool                             pool
 * cistern.tier.*      a tier of it                       pool, tier (block size in bytes)
 * cistern.label.*     what was allocated under a label   pool, label
 * </pre>
 *
 * <p>Labels appear as they are first used; that is looked at whenever {@code cistern.pool.labels}
 * is read. Safe for use by several threads.
 */
public final class PoolMetrics implements MeterBinder {
  private static final String BYTES = "bytes";
  private static final String BLOCKS = "blocks";

  private final PoolManager manager;

  /**
   * A binder.
   *
   * @param manager whose pools
   */
  public PoolMetrics(PoolManager manager) {
    this.manager = Objects.requireNonNull(manager, "manager");
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    gauge(registry, "cistern.budget.used", BYTES, manager, Tags.empty(), m -> m.budgetUsedBytes());
    if (manager.budgetBytes() < Long.MAX_VALUE) {
      gauge(registry, "cistern.budget.max", BYTES, manager, Tags.empty(), m -> m.budgetBytes());
    }
    gauge(registry, "cistern.pressure", null, manager, Tags.empty(), m -> number(m.pressure()));
    manager.pools().forEach(pool -> bind(registry, pool));
  }

  private static void bind(MeterRegistry registry, MemoryPool pool) {
    new PoolMeters(registry, pool).bind();
    List<PoolStats.Tier> tiers = pool.stats().tiers();
    for (int tier = 0; tier < tiers.size(); tier++) {
      new TierMeters(registry, pool, tier, tiers.get(tier).blockSizeBytes()).bind();
    }
    LabelMeters labels = new LabelMeters(registry, pool);
    labels.look();
    Tags tags = Tags.of("pool", pool.name());
    gauge(registry, "cistern.pool.labels", null, labels, tags, LabelMeters::look);
  }

  /** 0, 1 or 2, so that alerts can compare. */
  private static int number(PressureLevel level) {
    return switch (level) {
      case NORMAL -> 0;
      case LOW -> 1;
      case CRITICAL -> 2;
    };
  }

  /** A value that goes up and down. */
  static <T> void gauge(
      MeterRegistry registry,
      String name,
      @Nullable String unit,
      T of,
      Tags tags,
      ToDoubleFunction<T> value) {
    Gauge.builder(name, of, value)
        .baseUnit(unit)
        .tags(tags)
        .strongReference(true)
        .register(registry);
  }

  /** A value that only goes up. */
  static <T> void counter(
      MeterRegistry registry, String name, T of, Tags tags, ToDoubleFunction<T> value) {
    FunctionCounter.builder(name, of, value).tags(tags).register(registry);
  }

  /** The meters of one pool. */
  private record PoolMeters(MeterRegistry registry, MemoryPool pool) {
    void bind() {
      gauge("used", BYTES, PoolStats::usedBytes);
      gauge("capacity", BYTES, stats -> stats.usedBytes() + stats.freeBytes());
      gauge("regions", null, stats -> stats.regions().count());
      gauge("region.size", BYTES, PoolStats::regionBytes);
      gauge(BLOCKS, BLOCKS, PoolStats::used);
      gauge("waiting", "threads", PoolStats::waiting);
      gauge("pressure", null, stats -> number(stats.pressure()));
      gauge(
          "fallback.used",
          BYTES,
          stats -> stats.fallback() == null ? 0 : stats.fallback().liveBytes());
      counter("allocations", PoolStats::allocations);
      counter("frees", PoolStats::frees);
      counter("failed", PoolStats::failed);
      counter("refused", PoolStats::refused);
      counter("violations", PoolStats::violations);
    }

    private void gauge(String name, @Nullable String unit, ToDoubleFunction<PoolStats> value) {
      Tags tags = Tags.of("pool", pool.name());
      PoolMetrics.gauge(
          registry, "cistern.pool." + name, unit, pool, tags, p -> value.applyAsDouble(p.stats()));
    }

    private void counter(String name, ToDoubleFunction<PoolStats> value) {
      Tags tags = Tags.of("pool", pool.name());
      PoolMetrics.counter(
          registry, "cistern.pool." + name, pool, tags, p -> value.applyAsDouble(p.stats()));
    }
  }

  /** The meters of one tier, which keeps its place in the pool. */
  private record TierMeters(MeterRegistry registry, MemoryPool pool, int index, long blockSize) {
    void bind() {
      gauge("used", PoolStats.Tier::used);
      gauge("capacity", PoolStats.Tier::total);
      gauge("peak", PoolStats.Tier::peakUsed);
      counter("allocations", PoolStats.Tier::allocations);
      counter("frees", PoolStats.Tier::frees);
      counter("failed", PoolStats.Tier::failed);
      counter("spilled", PoolStats.Tier::spilledOut);
    }

    private Tags tags() {
      return Tags.of("pool", pool.name(), "tier", Long.toString(blockSize));
    }

    private void gauge(String name, ToDoubleFunction<PoolStats.Tier> value) {
      PoolMetrics.gauge(registry, "cistern.tier." + name, BLOCKS, pool, tags(), p -> of(p, value));
    }

    private void counter(String name, ToDoubleFunction<PoolStats.Tier> value) {
      PoolMetrics.counter(registry, "cistern.tier." + name, pool, tags(), p -> of(p, value));
    }

    private double of(MemoryPool now, ToDoubleFunction<PoolStats.Tier> value) {
      return value.applyAsDouble(now.stats().tiers().get(index));
    }
  }
}
