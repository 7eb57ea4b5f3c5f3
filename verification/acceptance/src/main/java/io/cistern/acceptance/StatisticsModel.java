package io.cistern.acceptance;

import io.cistern.MemoryPool;
import io.cistern.PoolStats;
import java.util.List;
import java.util.Random;

/**
 * Counts beside a pool what its statistics should say, without spill: random requests of block
 * sizes that are known to be free or known to be exhausted, and random frees. After every operation
 * one snapshot is compared, field by field.
 *
 * <p>Equations: used + free = total; allocations − frees = used; peak = the most ever used.
 */
final class StatisticsModel {
  /** Seed of the random operations; fixed, so that a failure comes again. */
  private static final long SEED = 1;

  private final MemoryPool pool;
  private final Random random = new Random(SEED);
  private final List<TierModel> tiers;

  StatisticsModel(MemoryPool pool) {
    this.pool = pool;
    this.tiers = pool.stats().tiers().stream().map(tier -> new TierModel(pool, tier)).toList();
  }

  private static final class TierModel {
    final PoolStats.Tier start;
    final Held held;
    long allocations;
    long frees;
    long requestedBytes;
    int peak;

    TierModel(MemoryPool pool, PoolStats.Tier start) {
      this.start = start;
      this.held = new Held(pool);
    }

    boolean full() {
      return held.count() == start.total();
    }

    void take(long size) {
      held.take(size);
      allocations++;
      requestedBytes += size;
      peak = Math.max(peak, held.count());
    }

    void free(Random random) {
      held.freeAny(random);
      frees++;
    }

    void compare(PoolStats.Tier now, String when) {
      String where = " of the %d B tier %s".formatted(start.blockSizeBytes(), when);
      Expect.equal("used" + where, held.count(), now.used());
      Expect.equal("free" + where, start.total() - held.count(), now.free());
      Expect.equal("peak" + where, peak, now.peakUsed());
      Expect.equal("allocations" + where, allocations, now.allocations());
      Expect.equal("frees" + where, frees, now.frees());
      Expect.equal("requested bytes" + where, requestedBytes, now.requestedBytes());
      Expect.equal(
          "granted bytes" + where, allocations * start.blockSizeBytes(), now.grantedBytes());
    }
  }

  /**
   * Does so many operations, compares after each, and gives the number of snapshots that were
   * equal.
   */
  double compare(int operations) {
    int failed = 0;
    for (int operation = 1; operation <= operations; operation++) {
      failed += step();
      compareAll("after operation %d of seed %d".formatted(operation, SEED), failed);
    }
    tiers.forEach(tier -> tier.held.freeAll());
    return operations;
  }

  /**
   * One operation; gives how many requests failed. The largest tier alone has nowhere to spill to.
   */
  private int step() {
    int chosen = random.nextInt(tiers.size());
    TierModel tier = tiers.get(chosen);
    if (!tier.full() && (tier.held.count() == 0 || random.nextInt(5) < 3)) {
      tier.take(sizeFor(chosen));
      return 0;
    }
    if (tier.full() && chosen == tiers.size() - 1) {
      Expect.that(
          !tier.held.tryTake(tier.start.blockSizeBytes()),
          "an exhausted tier has served a request");
      tier.free(random);
      return 1;
    }
    tier.free(random);
    return 0;
  }

  private long sizeFor(int chosen) {
    long largest = tiers.get(chosen).start.blockSizeBytes();
    long below = chosen == 0 ? 0 : tiers.get(chosen - 1).start.blockSizeBytes();
    return random.nextLong(below, largest) + 1;
  }

  private void compareAll(String when, int failed) {
    PoolStats stats = pool.stats();
    for (int i = 0; i < tiers.size(); i++) {
      tiers.get(i).compare(stats.tiers().get(i), when);
    }
    Expect.equal("failed requests " + when, failed, stats.failed());
    Expect.equal("spilled requests " + when, 0, stats.spills());
  }
}
