package io.cistern.acceptance;

import static io.cistern.ManagerPressure.Reading.FRAGMENTATION;
import static io.cistern.ManagerPressure.Reading.FREE_BYTES;

import io.cistern.ManagerPressure;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.PressureLevel;
import io.cistern.PressureLimits;
import java.util.Objects;

/**
 * R3's health levels: fragmentation of a region of variable size, free bytes of the budget, and
 * that nothing of the kind is ever computed over tiers. Limits are the profile's; levels are read
 * as a program would have them, from a listener of the manager.
 */
final class HealthLevels {
  private static final String MAIN = "main";
  private static final long LARGE = 4096;

  private HealthLevels() {}

  static Suite.Builder checks(Suite.Builder suite) {
    return suite
        .check(
            "fragmentation: warning",
            "fragmentation: warning at 70 %",
            Limit.exactly(70, "%"),
            pools -> fragmentation(pools, pools.profile().pressure(), PressureLevel.LOW))
        .check(
            "fragmentation: critical",
            "fragmentation: critical at 85 %",
            Limit.exactly(85, "%"),
            pools -> fragmentation(pools, pools.profile().pressure(), PressureLevel.CRITICAL))
        .check(
            "free bytes: warning",
            "free bytes of the budget: warning below 50 KB",
            Limit.exactly((50 << 10) - 1, "B"),
            pools -> freeBytes(pools, pools.profile().pressure(), PressureLevel.LOW))
        .check(
            "free bytes: critical",
            "free bytes of the budget: critical below 20 KB",
            Limit.exactly((20 << 10) - 1, "B"),
            pools -> freeBytes(pools, pools.profile().pressure(), PressureLevel.CRITICAL))
        .check(
            "never across tiers",
            "never computed across fixed tiers, whose external fragmentation is 0 by construction",
            Limit.exactly(0, "crossings of tiers"),
            HealthLevels::neverAcrossTiers);
  }

  /** Hole by hole; the fragmentation at the moment when the level was reached. */
  static double fragmentation(FreshPools pools, PressureLimits limits, PressureLevel level) {
    Heard heard = new Heard();
    PoolManager manager =
        pools.open(
            PoolManager.builder()
                .pool(MAIN, pools.heard(pools.like()))
                .pool(Fragmented.POOL, Fragmented.region())
                .pressure(limits)
                .listener(heard));
    Fragmented region = new Fragmented(manager);
    region.makeHoles(170);
    ManagerPressure.Cause low = heard.crossing(FRAGMENTATION, 1, PressureLevel.LOW);
    ManagerPressure.Cause critical = heard.crossing(FRAGMENTATION, 2, PressureLevel.CRITICAL);
    region.freeAll();
    heard.crossing(FRAGMENTATION, 3, PressureLevel.NORMAL);
    return level == PressureLevel.LOW ? low.value() : critical.value();
  }

  /**
   * The budget of the profile, its pools, and the rest as fallback memory, which is free until it
   * is taken: exactly the threshold is left, which is enough, and then a byte less.
   */
  static double freeBytes(FreshPools pools, PressureLimits limits, PressureLevel level) {
    Heard heard = new Heard();
    long budget = pools.profile().budgetBytes();
    long rest = budget - pools.pool().stats().regionBytes();
    PoolManager manager =
        pools.open(
            PoolManager.builder()
                .pool(MAIN, pools.heard(pools.like().sharedFallback()))
                .fallbackBytes(rest)
                .budgetBytes(budget)
                .pressure(limits)
                .listener(heard));
    MemoryPool pool = manager.pool(MAIN);
    long low = takeDownTo(50 << 10, pool, manager);
    Expect.equal("crossings with 50 KB free", 0, heard.of(FREE_BYTES).size());
    pool.free(low);
    low = takeDownTo((50 << 10) - 1, pool, manager);
    Expect.equal("level with a byte less", PressureLevel.LOW, manager.pressure());
    double atLow = heard.crossing(FREE_BYTES, 1, PressureLevel.LOW).value();
    long critical = takeDownTo(20 << 10, pool, manager);
    Expect.equal("crossings with 20 KB free", 1, heard.of(FREE_BYTES).size());
    pool.free(critical);
    critical = takeDownTo((20 << 10) - 1, pool, manager);
    Expect.equal("level with a byte less", PressureLevel.CRITICAL, manager.pressure());
    double atCritical = heard.crossing(FREE_BYTES, 2, PressureLevel.CRITICAL).value();
    pool.free(critical);
    pool.free(low);
    Expect.equal("level when all is free", PressureLevel.NORMAL, manager.pressure());
    return level == PressureLevel.LOW ? atLow : atCritical;
  }

  /** One request outside of the pool that leaves so many bytes of the budget. */
  private static long takeDownTo(long left, MemoryPool pool, PoolManager manager) {
    long live = Objects.requireNonNull(pool.stats().fallback(), "no fallback").liveBytes();
    long handle =
        pool.allocateHandle(manager.budgetBytes() - pool.stats().regionBytes() - live - left);
    manager.pressure();
    return handle;
  }

  /**
   * A tier of which every other block is free, and one of which most are, beside a region that is
   * fragmented: the listener, which hears of the region, hears nothing of the tiers.
   */
  private static double neverAcrossTiers(FreshPools pools) {
    Heard heard = new Heard();
    PoolManager manager =
        pools.open(
            PoolManager.builder()
                .pool(MAIN, pools.heard(pools.like()))
                .pool(Fragmented.POOL, Fragmented.region())
                .pressure(pools.profile().pressure())
                .listener(heard));
    Held held = new Held(manager.pool(MAIN));
    held.take(12, LARGE);
    held.take(24, 1024);
    held.take(64, 256);
    held.freeEverySecond();
    held.freeEverySecond();
    Fragmented region = new Fragmented(manager);
    region.makeHoles(70);
    heard.crossing(FRAGMENTATION, 1, PressureLevel.LOW);
    held.freeAll();
    region.freeAll();
    heard.crossing(FRAGMENTATION, 2, PressureLevel.NORMAL);
    return heard.of(FRAGMENTATION).stream()
        .filter(change -> !change.pool().equals(Fragmented.POOL))
        .count();
  }
}
