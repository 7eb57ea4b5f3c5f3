package io.cistern.config;

import io.cistern.CheckLevel;
import io.cistern.CheckSettings;
import io.cistern.MemoryPool;
import java.time.Duration;
import java.util.Objects;

/**
 * Who may take how much of a pool, and what happens when it runs short; {@code docs/pools.md} tells
 * what each option does and costs. A pool of which none is used is as fast as if there were none.
 *
 * @param enabled whether the pool takes memory at all; if not, everything is fallback memory
 * @param labels whether it is kept under which label each block was allocated
 * @param resizable whether the counts of tiers can be changed while the pool is used
 * @param reserveBytes of each tier, in whole blocks, or of the region, for critical quotas alone; 0
 *     for none
 * @param fallback memory outside of the pool
 * @param regions how many the pool has
 * @param checks how much the pool checks
 * @param leakSamples most allocations a second of which it is kept who made them
 */
public record PoolOptions(
    boolean enabled,
    boolean labels,
    boolean resizable,
    long reserveBytes,
    Fallback fallback,
    Regions regions,
    CheckSettings checks,
    int leakSamples) {
  private static final int LEAK_SAMPLES = 1000;

  /** A pool that has one region for ever, and nothing else. */
  public static final PoolOptions NONE =
      new PoolOptions(true, false, false, 0, Fallback.NONE, Regions.ONE);

  /**
   * With the usual checks.
   *
   * @param enabled whether the pool takes memory at all
   * @param labels whether labels are kept
   * @param resizable whether counts can be changed
   * @param reserveBytes for critical quotas
   * @param fallback memory outside of the pool
   * @param regions how many the pool has
   */
  public PoolOptions(
      boolean enabled,
      boolean labels,
      boolean resizable,
      long reserveBytes,
      Fallback fallback,
      Regions regions) {
    this(
        enabled,
        labels,
        resizable,
        reserveBytes,
        fallback,
        regions,
        CheckSettings.of(CheckLevel.STANDARD),
        LEAK_SAMPLES);
  }

  /** Refuses null. */
  public PoolOptions {
    Objects.requireNonNull(fallback, "fallback");
    Objects.requireNonNull(regions, "regions");
    Objects.requireNonNull(checks, "checks");
  }

  /**
   * Memory that may be taken outside of a pool.
   *
   * @param bytes of its own that may be live, 0 for none
   * @param shared whether the limit is the profile's instead, over all pools that share it
   */
  public record Fallback(long bytes, boolean shared) {
    /** No memory but the pool's. */
    public static final Fallback NONE = new Fallback(0, false);

    /** Within the limit of the profile. */
    public static final Fallback SHARED = new Fallback(0, true);
  }

  /**
   * How many regions a pool has, each with all its tiers or all its variable size.
   *
   * @param least at any time, 0 or more
   * @param most at any time, 1 or more
   * @param idle time after which a region that nobody uses is given back, down to {@code least}
   */
  public record Regions(int least, int most, Duration idle) {
    /** One, for ever. */
    public static final Regions ONE = new Regions(1, 1, Duration.ofSeconds(30));
  }

  /** Whether there may be memory outside of the pool. */
  boolean hasFallback() {
    return fallback.shared() || fallback.bytes() > 0;
  }

  /** Regions that are taken when the pool is opened. */
  int opening() {
    return enabled ? regions.least() : 0;
  }

  /** Most regions that there may be. */
  int most() {
    return enabled ? regions.most() : 0;
  }

  MemoryPool.Builder applyTo(MemoryPool.Builder pool) {
    pool.enabled(enabled)
        .reserve(reserveBytes)
        .fallback(fallback.bytes())
        .regions(regions.least(), regions.most(), regions.idle())
        .checks(checks)
        .leakSamples(leakSamples);
    if (labels) {
      pool.labels();
    }
    if (resizable) {
      pool.resizable();
    }
    return fallback.shared() ? pool.sharedFallback() : pool;
  }
}
