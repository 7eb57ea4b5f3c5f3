package io.cistern.acceptance;

import static io.cistern.acceptance.Tiers.shape;

import io.cistern.MemoryPool;
import io.cistern.PoolExhaustedException;
import io.cistern.PoolListener.PressureChange;
import io.cistern.PoolStats;
import io.cistern.PressureLevel;
import java.util.List;
import java.util.stream.Stream;

/**
 * R1, the three-tier firmware pool. R1.1 to R1.11 are its eleven tests in their order; the others
 * are what it asks for besides: the budget at start, frees of nothing, pointers into the middle of
 * a block, a warning before exhaustion.
 */
final class PrismSuite {
  private static final long SMALL = 256;
  private static final long MEDIUM = 1024;
  private static final long LARGE = 4096;
  private static final long BUDGET = 164 * 1024;

  private PrismSuite() {}

  static Suite suite() {
    return startUp(elevenTests(new Suite.Builder("R1", "prism", "three-tier firmware pool")))
        .build();
  }

  private static Suite.Builder elevenTests(Suite.Builder suite) {
    return suite
        .check(
            "initial statistics",
            "8 × 4096 B, 16 × 1024 B, 32 × 256 B, all free at the start",
            Limit.exactly(56, "free blocks"),
            PrismSuite::initialStatistics)
        .check(
            "each tier",
            "the smallest tier that fits",
            Limit.exactly(4096, "sizes"),
            pools -> Tiers.everySize(pools.pool()))
        .check(
            "exhaustion and spill",
            "else the next larger one, never the general heap",
            Limit.exactly(48, "requests served"),
            PrismSuite::exhaustionAndSpill)
        .check(
            "too large",
            "above 4096 B refused; sizes out of range are detected",
            Limit.exactly(5, "requests refused"),
            pools -> Misuse.sizesOutOfRange(pools.pool()))
        .check(
            "double free",
            "detected: double free",
            Limit.exactly(12, "frees refused"),
            pools -> Misuse.doubleAndStaleFrees(pools.pool()))
        .check(
            "foreign memory",
            "detected: memory that is not the pool's",
            Limit.exactly(5, "frees refused"),
            pools -> Misuse.foreignFrees(pools, pools.pool()))
        .check(
            "statistics exact",
            "statistics, live: free blocks per tier, peak use per tier, failed allocations",
            Limit.exactly(2000, "equal snapshots"),
            pools -> new StatisticsModel(pools.pool()).compare(2000))
        .check(
            "4 threads × 100 iterations",
            "thread-safe",
            Limit.exactly(1200, "blocks with one owner"),
            pools -> Load.threads(pools.pool(), 4, 100))
        .check(
            "1000 iterations of a worst-case pattern",
            "blocks of fixed size cannot fragment externally",
            Limit.exactly(0, "failed requests"),
            pools -> Load.worstCase(pools.pool(), 1000))
        .check(
            "average allocate and free times",
            "average allocate time, average free time: < 100 µs average, for the slower of both",
            Limit.below(100, "µs"),
            pools -> Load.slowerAverageMicros(pools.pool()))
        .check("dump", "state dump", Limit.exactly(3, "tiers shown"), PrismSuite::dump);
  }

  private static Suite.Builder startUp(Suite.Builder suite) {
    return suite
        .check(
            "56 KB within a budget of 164 KB",
            "56 KB within a 164 KB budget, reserved once",
            Limit.exactly(57_344, "B"),
            PrismSuite::reservedOnce)
        .check(
            "smallest budget",
            "if that fails, start-up fails",
            Limit.exactly(57_344, "B"),
            Tiers::smallestBudget)
        .check(
            "free of nothing",
            "free of nothing is a no-op",
            Limit.exactly(0, "frees counted"),
            PrismSuite::freeOfNothing)
        .check(
            "interior pointers",
            "detected: pointers into the middle of a block",
            Limit.exactly(255 + 1023 + 4095, "addresses refused"),
            pools -> Misuse.interiorFrees(pools.pool()))
        .check(
            "warning before exhaustion",
            "early warning before exhaustion",
            Limit.atLeast(1, "blocks free"),
            PrismSuite::earlyWarning);
  }

  private static double initialStatistics(FreshPools pools) {
    Tiers.untouched(pools.pool(), shape(SMALL, 32), shape(MEDIUM, 16), shape(LARGE, 8));
    PoolStats stats = pools.pool().stats();
    Expect.equal("frees", 0, stats.frees());
    Expect.equal("violations", 0, stats.violations());
    Expect.equal("pressure", PressureLevel.NORMAL, stats.pressure());
    return stats.free();
  }

  private static double exhaustionAndSpill(FreshPools pools) {
    MemoryPool pool = pools.pool();
    Held held = new Held(pool);
    held.take(32, SMALL);
    Expect.equal("free blocks of 256 B", 0, Tiers.tier(pool, SMALL).free());
    int spilled = held.takeAll(SMALL);
    Expect.equal("spilled out of the 256 B tier", spilled, Tiers.tier(pool, SMALL).spilledOut());
    Expect.equal("spilled into the 1024 B tier", 16, Tiers.tier(pool, MEDIUM).spilledIn());
    Expect.refused(
        PoolExhaustedException.class, "256 B with two empty tiers", () -> pool.allocate(SMALL));
    Expect.equal("region after exhaustion", 57_344, pool.stats().regionBytes());
    double served = held.count();
    held.freeAll();
    return served;
  }

  private static double dump(FreshPools pools) {
    MemoryPool pool = pools.pool();
    Held held = new Held(pool);
    held.take(3, SMALL);
    PoolStats before = pool.stats();
    String dump = pool.dump().replace(",", "");
    Expect.contains("the dump", dump, pool.name());
    held.freeAll();
    return before.tiers().stream().filter(tier -> shows(dump, tier)).count();
  }

  /** Some line has the tier's size and counts as words, and what it is meant for. */
  private static boolean shows(String dump, PoolStats.Tier tier) {
    List<String> words =
        Stream.of(tier.blockSizeBytes(), tier.total(), tier.used(), tier.free())
            .map(String::valueOf)
            .toList();
    String label = tier.label().replace(",", "");
    return dump.lines()
        .anyMatch(
            line -> line.contains(label) && List.of(line.strip().split("\\s+")).containsAll(words));
  }

  private static double reservedOnce(FreshPools pools) {
    Expect.equal("budget", BUDGET, pools.manager().budgetBytes());
    Held held = new Held(pools.pool());
    pools.pool().stats().tiers().forEach(tier -> held.take(tier.total(), tier.blockSizeBytes()));
    Expect.equal(
        "bytes of used blocks", pools.manager().regionBytes(), pools.pool().stats().usedBytes());
    held.freeAll();
    return pools.manager().regionBytes();
  }

  private static double freeOfNothing(FreshPools pools) {
    MemoryPool pool = pools.pool();
    pool.free(MemoryPool.NO_HANDLE);
    pool.free(MemoryPool.NO_HANDLE, SMALL);
    pool.free(null);
    pools.manager().free(MemoryPool.NO_HANDLE);
    PoolStats stats = pool.stats();
    return stats.frees() + stats.violations();
  }

  private static double earlyWarning(FreshPools pools) {
    MemoryPool pool = pools.pool();
    Held held = new Held(pool);
    while (pools.events().changesOf(SMALL).isEmpty()) {
      held.take(SMALL);
    }
    PressureChange warning = pools.events().changesOf(SMALL).getFirst();
    Expect.equal("level of the warning", PressureLevel.LOW, warning.to());
    Expect.equal("blocks used at the warning", 26, warning.usedBytes() / SMALL);
    double free = Tiers.tier(pool, SMALL).free();
    held.freeAll();
    return free;
  }
}
