package io.cistern.acceptance;

import static io.cistern.acceptance.Tiers.shape;

import io.cistern.MemoryPool;
import io.cistern.PoolExhaustedException;
import io.cistern.PoolListener.Exhaustion;
import io.cistern.PoolStats;
import io.cistern.PressureLevel;
import io.cistern.config.Profile;
import java.util.ArrayList;
import java.util.List;

/**
 * R3, a whole memory architecture: its pools, the frames that take blocks from them, its torture
 * test, {@linkplain HealthLevels health} and {@linkplain EmergencyDrill emergencies}. What it asks
 * for beside the pools (asset ring, scratch, task stacks, DMA) waits for the rooms that will hold
 * it.
 */
final class Esp32s3Suite {
  private static final long SMALL = 256;
  private static final long MEDIUM = 1024;
  private static final long LARGE = 4096;
  private static final long REGION = 88 * 1024;

  private Esp32s3Suite() {}

  static Suite suite() {
    Suite.Builder suite = new Suite.Builder("R3", "esp32s3", "a whole memory architecture");
    return EmergencyDrill.checks(HealthLevels.checks(load(pools(suite)))).build();
  }

  private static Suite.Builder pools(Suite.Builder suite) {
    return suite
        .check(
            "sizes and counts",
            "12 × 4096 (48 KB), 24 × 1024 (24 KB), 64 × 256 (16 KB) = 88 KB",
            Limit.exactly(REGION, "B"),
            pools ->
                Tiers.untouched(
                    pools.pool(), shape(SMALL, 64), shape(MEDIUM, 24), shape(LARGE, 12)))
        .check(
            "start aborted",
            "failing to reserve them aborts the start",
            Limit.exactly(REGION, "B"),
            Tiers::smallestBudget)
        .check(
            "fitting tier",
            "others take the fitting tier",
            Limit.exactly(LARGE, "sizes"),
            pools -> Tiers.everySize(pools.pool()))
        .check(
            "spill upward",
            "spill upward; no heap",
            Limit.exactly(64 + 24 + 12, "requests served"),
            Esp32s3Suite::spillUpward)
        .check(
            "failure counted and heard",
            "failure is logged: a refused request reaches the counters and the listener with its figures",
            Limit.exactly(3, "refusals"),
            Esp32s3Suite::failureHeard)
        .check(
            "frame block",
            "a frame always takes a 4 KB block (frameBlock = 4096)",
            Limit.exactly(LARGE, "frame sizes"),
            Esp32s3Suite::frameBlock)
        .check(
            "utilisation",
            "tiers are watched by utilisation, each one and the whole",
            Limit.exactly(50, "%"),
            Esp32s3Suite::utilisation);
  }

  private static Suite.Builder load(Suite.Builder suite) {
    return suite
        .check(
            "torture",
            "1000 rounds: 100 requests of random size 32–4095 B, even ones freed, one of 4096 B must succeed",
            Limit.exactly(1000, "rounds"),
            pools -> Load.torture(pools.pool(), 1000))
        .check(
            "stress cycles",
            "each cycle 100 frames of 4 KB held 10 ms, 10 patterns of 1 KB held 100 ms; failed allocations 0",
            Limit.exactly(0, "failed requests"),
            pools -> new StressCycles(pools.pool()).run(100).failed())
        .check(
            "utilisation under stress",
            "pool utilisation < 80 %",
            Limit.below(80, "%"),
            pools -> new StressCycles(pools.pool()).run(100).peakUtilizationPercent())
        .check(
            "no fragmentation",
            "external fragmentation of fixed tiers is 0 by construction",
            Limit.exactly(0, "blocks stranded"),
            pools -> Load.strandedAfterChurn(pools.pool(), 100_000));
  }

  private static double spillUpward(FreshPools pools) {
    MemoryPool pool = pools.pool();
    Held held = new Held(pool);
    double served = held.takeAll(SMALL);
    Expect.equal("spilled into the 1024 B tier", 24, Tiers.tier(pool, MEDIUM).spilledIn());
    Expect.equal("spilled into the 4096 B tier", 12, Tiers.tier(pool, LARGE).spilledIn());
    Expect.equal("region after exhaustion", REGION, pool.stats().regionBytes());
    held.freeAll();
    return served;
  }

  private static double failureHeard(FreshPools pools) {
    MemoryPool pool = pools.pool();
    Held held = new Held(pool);
    held.take(12, LARGE);
    Expect.that(!held.tryTake(LARGE), "a 13th block of 4096 B was served");
    Expect.equal("handle of a refused request", MemoryPool.NO_HANDLE, pool.tryAllocateHandle(2000));
    PoolExhaustedException refusal =
        Expect.refused(
            PoolExhaustedException.class, "4096 B of an empty tier", () -> pool.allocate(LARGE));
    Exhaustion heard = pools.events().exhaustions().getLast();
    Expect.equal("figures of the listener", refusal.exhaustion(), heard);
    Expect.equal("largest free block", MEDIUM, heard.largestFreeBytes());
    Expect.equal("used bytes", 12 * LARGE, heard.usedBytes());
    Expect.equal("limit", REGION, heard.limitBytes());
    Expect.equal("refusals heard", 3, pools.events().exhaustions().size());
    double failed = Tiers.tier(pool, LARGE).failed();
    held.freeAll();
    return failed;
  }

  private static double frameBlock(FreshPools pools) {
    Profile.Frames frames = pools.profile().frames();
    if (frames == null) {
      throw new CheckFailedException("the profile does not say how frames take blocks");
    }
    long block = frames.block().orElse(0);
    Expect.equal("block of every frame", LARGE, block);
    Expect.equal("what becomes of larger frames", Profile.Oversize.DROP, frames.oversize());
    MemoryPool pool = pools.pool(frames.pool());
    for (int size = 1; size <= block; size++) {
      long handle = pool.allocateHandle(block);
      Expect.equal(
          "blocks of 4096 B used by a frame of " + size + " B", 1, Tiers.tier(pool, LARGE).used());
      pool.segment(handle).asSlice(0, size).fill((byte) size);
      pool.free(handle);
    }
    return Tiers.tier(pool, LARGE).allocations();
  }

  private static double utilisation(FreshPools pools) {
    MemoryPool pool = pools.pool();
    Held held = new Held(pool);
    List<Double> percents = new ArrayList<>();
    for (PoolStats.Tier tier : pool.stats().tiers()) {
      held.take(tier.total() / 2, tier.blockSizeBytes());
      percents.add(Tiers.tier(pool, tier.blockSizeBytes()).utilizationPercent());
    }
    Expect.equal("utilisation of the tiers", List.of(50.0, 50.0, 50.0), percents);
    Expect.equal("pressure at half use", PressureLevel.NORMAL, pool.stats().pressure());
    double whole = pool.stats().utilizationPercent();
    held.freeAll();
    return whole;
  }
}
