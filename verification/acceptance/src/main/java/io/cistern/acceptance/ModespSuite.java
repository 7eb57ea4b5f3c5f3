package io.cistern.acceptance;

import static io.cistern.acceptance.Tiers.shape;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolListener.PressureChange;
import io.cistern.PoolStats;
import io.cistern.PressureLevel;
import java.util.List;

/**
 * R2, the five-pool memory of a controller: its five pools are five tiers. What it has as options
 * is in {@link ModespOptions}.
 */
final class ModespSuite {
  private static final int BLOCKS = 128 + 64 + 32 + 16 + 8;

  private ModespSuite() {}

  static Suite suite() {
    Suite.Builder suite = new Suite.Builder("R2", "modesp", "five-pool controller memory");
    return ModespOptions.checks(frees(requests(suite))).build();
  }

  private static Suite.Builder requests(Suite.Builder suite) {
    return suite
        .check(
            "sizes and counts",
            "TINY 128 × 32 B, SMALL 64 × 64 B, MEDIUM 32 × 128 B, LARGE 16 × 256 B, XLARGE 8 × 512 B: 20 KB in all",
            Limit.exactly(20 * 1024, "B"),
            ModespSuite::sizesAndCounts)
        .check(
            "pool choice",
            "pool choice for every size 1…512; a request of 100 B is served by MEDIUM",
            Limit.exactly(512, "sizes"),
            pools -> Tiers.everySize(pools.pool()))
        .check(
            "spill",
            "spill to the next larger pool is on",
            Limit.exactly(4, "tiers"),
            ModespSuite::spillToNext)
        .check(
            "exhaustion in strict mode",
            "strict (no heap fallback): when there is no block the caller gets nothing",
            Limit.exactly(512, "requests refused"),
            pools -> Tiers.refusedWhenEmpty(pools, pools.pool()))
        .check(
            "thresholds",
            "low threshold 80 %, critical 95 %",
            Limit.exactly(0, "blocks off"),
            ModespSuite::thresholds)
        .check(
            "threshold of the whole",
            "pressure handling starts",
            Limit.atLeast(80, "%"),
            ModespSuite::wholePoolThreshold)
        .check(
            "metadata",
            "metadata about 5 % on the device; here at most 16 B a block and 4 KB (DESIGN.md)",
            Limit.atMost(16 * BLOCKS + 4096, "B"),
            pools -> pools.pool().stats().metadataBytes())
        .check(
            "alignment",
            "8-byte alignment",
            Limit.exactly(BLOCKS, "blocks"),
            ModespSuite::alignment);
  }

  private static Suite.Builder frees(Suite.Builder suite) {
    return suite
        .check(
            "free with a size",
            "its free takes the size as well: a size given along is checked against the allocation",
            Limit.exactly(2 * 512, "frees refused"),
            pools -> Misuse.wrongSizes(pools.pool()))
        .check(
            "double and stale frees",
            "free by handle; a freed handle is not valid again",
            Limit.exactly(5 * 4, "frees refused"),
            pools -> Misuse.doubleAndStaleFrees(pools.pool()))
        .check(
            "foreign frees",
            "frees of what is not the pool's are detected",
            Limit.exactly(5, "frees refused"),
            pools -> Misuse.foreignFrees(pools, pools.pool()))
        .check(
            "end of a scope",
            "block returned on normal and exceptional exit of its scope",
            Limit.exactly(0, "live blocks"),
            ModespSuite::scopes);
  }

  private static double sizesAndCounts(FreshPools pools) {
    MemoryPool pool = pools.pool();
    double bytes =
        Tiers.untouched(
            pool, shape(32, 128), shape(64, 64), shape(128, 32), shape(256, 16), shape(512, 8));
    List<String> labels = pool.stats().tiers().stream().map(PoolStats.Tier::label).toList();
    List<String> names = List.of("TINY", "SMALL", "MEDIUM", "LARGE", "XLARGE");
    for (int i = 0; i < names.size(); i++) {
      Expect.contains("the label of a tier", labels.get(i), names.get(i));
    }
    return bytes;
  }

  private static double spillToNext(FreshPools pools) {
    MemoryPool pool = pools.pool();
    List<PoolStats.Tier> tiers = pool.stats().tiers();
    for (int i = 0; i + 1 < tiers.size(); i++) {
      Held held = new Held(pool);
      long size = tiers.get(i).blockSizeBytes();
      held.take(tiers.get(i).total() + 1, size);
      PoolStats.Tier next = Tiers.tier(pool, tiers.get(i + 1).blockSizeBytes());
      Expect.equal(
          "used blocks of %d B after %d B spilled".formatted(next.blockSizeBytes(), size),
          1,
          next.used());
      held.freeAll();
    }
    return pool.stats().tiers().stream().filter(tier -> tier.spilledOut() == 1).count();
  }

  /**
   * Fills and empties every tier. Those of up to 64 blocks report the exact operation, TINY with
   * its 128 may be late.
   */
  private static double thresholds(FreshPools pools) {
    MemoryPool pool = pools.pool();
    long off = 0;
    for (PoolStats.Tier tier : pool.stats().tiers()) {
      Held held = new Held(pool);
      held.take(tier.total(), tier.blockSizeBytes());
      expectLevel(pool, tier, PressureLevel.CRITICAL);
      held.freeAll();
      expectLevel(pool, tier, PressureLevel.NORMAL);
      if (tier.total() <= 64) {
        off += blocksOff(pools.events().changesOf(tier.blockSizeBytes()), tier);
      }
    }
    return off;
  }

  private static void expectLevel(MemoryPool pool, PoolStats.Tier tier, PressureLevel level) {
    PoolStats.Tier now = Tiers.tier(pool, tier.blockSizeBytes());
    Expect.equal(
        "level of %d used of %d".formatted(now.used(), now.total()), level, now.pressure());
  }

  private static long blocksOff(List<PressureChange> changes, PoolStats.Tier tier) {
    Expect.equal(
        "levels of the %d B tier, filled and emptied".formatted(tier.blockSizeBytes()),
        List.of(PressureLevel.LOW, PressureLevel.CRITICAL, PressureLevel.LOW, PressureLevel.NORMAL),
        changes.stream().map(PressureChange::to).toList());
    return distance(changes.get(0), tier, 80) + distance(changes.get(1), tier, 95);
  }

  private static long distance(PressureChange change, PoolStats.Tier tier, int percent) {
    long threshold = Math.ceilDiv(tier.total() * percent, 100);
    return Math.abs(change.usedBytes() / tier.blockSizeBytes() - threshold);
  }

  private static double wholePoolThreshold(FreshPools pools) {
    MemoryPool pool = pools.pool();
    Held held = new Held(pool);
    List<PoolStats.Tier> tiers = pool.stats().tiers().reversed();
    tiers.forEach(tier -> held.take(tier.total(), tier.blockSizeBytes()));
    Expect.equal("level of the full pool", PressureLevel.CRITICAL, pool.stats().pressure());
    held.freeAll();
    List<PressureChange> changes = pools.events().changesOf(0);
    Expect.that(!changes.isEmpty(), "the pool was filled without a warning for the whole");
    Expect.equal("level of the first warning", PressureLevel.LOW, changes.getFirst().to());
    Expect.equal("level after all is free", PressureLevel.NORMAL, pool.stats().pressure());
    return 100.0 * changes.getFirst().usedBytes() / changes.getFirst().totalBytes();
  }

  private static double alignment(FreshPools pools) {
    MemoryPool pool = pools.pool();
    Held held = new Held(pool);
    pool.stats().tiers().reversed().forEach(tier -> held.take(tier.total(), tier.blockSizeBytes()));
    double aligned =
        held.handles().stream().filter(handle -> pool.segment(handle).address() % 8 == 0).count();
    held.freeAll();
    return aligned;
  }

  private static double scopes(FreshPools pools) {
    MemoryPool pool = pools.pool();
    try (MemoryBlock block = pool.allocate(100)) {
      Expect.equal("blocks live within a scope", 1, pool.stats().used());
      Expect.equal("bytes of the block", 100, block.byteSize());
    }
    Expect.equal("blocks live behind a scope", 0, pool.stats().used());
    Expect.refused(
        IllegalStateException.class, "leaving a scope by an exception", () -> failWithin(pool));
    return pool.stats().used();
  }

  private static void failWithin(MemoryPool pool) {
    try (MemoryBlock block = pool.allocate(100)) {
      throw new IllegalStateException("thrown while " + block + " is live");
    }
  }
}
