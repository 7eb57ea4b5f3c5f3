package io.cistern.acceptance;

import static io.cistern.acceptance.Tiers.shape;

import io.cistern.MemoryPool;

/**
 * R1's wish for a tier of 2 KB, shipped as a profile of its own: what it adds to R1, and that it
 * takes nothing away.
 */
final class Prism2kSuite {
  private static final long MIDDLE = 2048;
  private static final long LARGE = 4096;

  private Prism2kSuite() {}

  static Suite suite() {
    return new Suite.Builder(
            "R1", "prism-2k", "three-tier firmware pool with a tier of 2 KB", "R1-2k")
        .check(
            "sizes and counts",
            "8 × 4096, 8 × 2048, 16 × 1024, 32 × 256",
            Limit.exactly(73_728, "B"),
            pools ->
                Tiers.untouched(
                    pools.pool(),
                    shape(256, 32),
                    shape(1024, 16),
                    shape(MIDDLE, 8),
                    shape(LARGE, 8)))
        .check(
            "each tier",
            "the smallest tier that fits",
            Limit.exactly(4096, "sizes"),
            pools -> Tiers.everySize(pools.pool()))
        .check(
            "requests of 2 KB",
            "a 2 KB tier: requests of 1025 to 2048 B leave the blocks of 4096 B alone",
            Limit.exactly(8, "requests"),
            Prism2kSuite::beforeSpill)
        .check(
            "smallest budget",
            "if that fails, start-up fails",
            Limit.exactly(73_728, "B"),
            Tiers::smallestBudget)
        .check(
            "1000 iterations of a worst-case pattern",
            "blocks of fixed size cannot fragment externally",
            Limit.exactly(0, "failed requests"),
            pools -> Load.worstCase(pools.pool(), 1000))
        .build();
  }

  private static double beforeSpill(FreshPools pools) {
    MemoryPool pool = pools.pool();
    Held held = new Held(pool);
    while (Tiers.tier(pool, LARGE).used() == 0) {
      held.take(MIDDLE);
    }
    double before = Tiers.tier(pool, MIDDLE).used();
    Expect.equal("requests that spilled", 1, Tiers.tier(pool, MIDDLE).spilledOut());
    held.freeAll();
    return before;
  }
}
