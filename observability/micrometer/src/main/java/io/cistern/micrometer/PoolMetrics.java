package io.cistern.micrometer;

import io.cistern.PoolManager;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

/**
 * The figures of a manager's pools as Micrometer's meters. Nothing is counted twice, and those who
 * allocate pay nothing: a meter that is read is looked up in a snapshot, {@link
 * PoolManager#stats()}, one of which serves a whole scrape.
 *
 * <pre>
 * cistern.*                 the manager and its budget      no tag
 * cistern.pool.*            a pool                          pool
 * cistern.pool.latency*     its sampled times               pool, operation
 * cistern.pool.fallback.*   what it took outside of itself  pool
 * cistern.pool.suspects.*   blocks that are live for long   pool
 * cistern.tier.*            a tier of it                    pool, tier (block size in bytes)
 * cistern.variable.*        a pool of variable size         pool
 * cistern.label.*           what a label holds              pool, label
 * cistern.quota.*           a quota                         quota (its path)
 * cistern.reclaimer.*       a reclaimer                     reclaimer
 * </pre>
 *
 * <p>Meters follow the pools: labels and reclaimers that appear later get theirs, at the latest
 * between two scrapes, and lose them when they are gone. {@link #close} takes all out of all
 * registries; close this before the pools.
 *
 * <p>Safe for use by several threads. A scrape of 20 pools with 10 tiers each costs one snapshot
 * and a look-up a meter, without a lock that anybody who allocates could wait for.
 */
public final class PoolMetrics implements MeterBinder, AutoCloseable {
  private final PoolManager manager;
  private final Tags common;
  private final Suspects suspects;
  private final LongSupplier nanos;
  private final List<Binding> bindings = new CopyOnWriteArrayList<>();

  /**
   * A binder with no tags of its own, and suspects as {@link Builder} says.
   *
   * @param manager whose pools
   */
  public PoolMetrics(PoolManager manager) {
    this(builder(manager));
  }

  private PoolMetrics(Builder builder) {
    this.manager = builder.manager;
    this.common = builder.tags;
    this.nanos = builder.nanos;
    this.suspects = new Suspects(manager, builder.olderThan, builder.every, nanos);
  }

  /**
   * Starts a binder.
   *
   * @param manager whose pools
   * @return a builder
   */
  public static Builder builder(PoolManager manager) {
    return new Builder(manager);
  }

  /**
   * Puts the meters into a registry; there may be several registries.
   *
   * @param registry not yet bound to
   * @throws IllegalStateException when it has these meters already, of this manager or of another
   *     one: {@link Builder#tags} tells managers apart
   */
  @Override
  public void bindTo(MeterRegistry registry) {
    Binding binding =
        new Binding(registry, common, () -> new Scene(manager.stats(), suspects.reports()), nanos);
    binding.open();
    bindings.add(binding);
  }

  /** Takes the meters out of every registry that they were put into. Closing again does nothing. */
  @Override
  public void close() {
    bindings.forEach(Binding::close);
    bindings.clear();
  }

  /** How meters are tagged, and what is suspected. */
  public static final class Builder {
    private static final Duration OLDER_THAN = Duration.ofMinutes(1);
    private static final Duration EVERY = Duration.ofSeconds(30);
    private static final Duration MOST = Duration.ofDays(365);

    private final PoolManager manager;
    private Tags tags = Tags.empty();
    private Duration olderThan = OLDER_THAN;
    private Duration every = EVERY;
    private LongSupplier nanos = System::nanoTime;

    private Builder(PoolManager manager) {
      this.manager = Objects.requireNonNull(manager, "manager");
    }

    /**
     * Tags of all meters: they tell managers apart that are bound to one registry.
     *
     * @param of all meters
     * @return this
     */
    public Builder tags(Iterable<? extends Tag> of) {
      this.tags = Tags.of(of);
      return this;
    }

    /**
     * From which age on a live block is a leak suspect ({@link io.cistern.MemoryPool#report}).
     *
     * @param age from zero to 365 days; a minute by default
     * @return this
     * @throws IllegalArgumentException when it is outside of these bounds
     */
    public Builder suspectsOlderThan(Duration age) {
      this.olderThan = within("an age of suspects", age);
      return this;
    }

    /**
     * How often suspects are looked for, at most: only when somebody reads a meter. A look walks
     * over the traces of all live blocks that were sampled.
     *
     * @param time from zero to 365 days; 30 seconds by default
     * @return this
     * @throws IllegalArgumentException when it is outside of these bounds
     */
    public Builder suspectsEvery(Duration time) {
      this.every = within("a time between looks for suspects", time);
      return this;
    }

    /** The clock by which rounds and looks end. */
    Builder clock(LongSupplier clock) {
      this.nanos = clock;
      return this;
    }

    private static Duration within(String what, Duration time) {
      if (time.isNegative() || time.compareTo(MOST) > 0) {
        throw new IllegalArgumentException(
            "%s of %s: zero to 365 days are possible".formatted(what, time));
      }
      return time;
    }

    /**
     * Makes the binder; no meter is made yet.
     *
     * @return to be bound to registries
     */
    public PoolMetrics build() {
      return new PoolMetrics(this);
    }
  }
}
