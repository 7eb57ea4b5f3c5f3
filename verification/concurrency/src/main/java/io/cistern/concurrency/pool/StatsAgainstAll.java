package io.cistern.concurrency.pool;

import io.cistern.PoolStats;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Statistics are taken while blocks are allocated and freed: used and free are never out of range
 * and add up, and in the end allocations - frees = used.
 */
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "figures in range, exact at the end")
@Outcome(
    id = {"0, ., .*", "., 0, .*"},
    expect = Expect.FORBIDDEN,
    desc = "a figure out of range")
public abstract class StatsAgainstAll extends PoolRace {
  StatsAgainstAll(PoolCache pools) {
    super(pools);
  }

  final boolean churn() {
    long handle = pool.allocateHandle(SIZE);
    boolean before = isPlausible(pool.stats());
    pool.free(handle);
    return before && isPlausible(pool.stats());
  }

  private static boolean isPlausible(PoolStats stats) {
    PoolStats.Tier tier = stats.tiers().getFirst();
    return tier.used() >= 0
        && tier.free() >= 0
        && tier.used() + tier.free() == tier.total()
        && tier.peakUsed() <= tier.total()
        && tier.requestedBytes() <= tier.allocations() * SIZE;
  }

  /** As {@link #check}, plus 4 when the counts do not fit. */
  final int checkCounts() {
    PoolStats.Tier tier = pool.stats().tiers().getFirst();
    boolean fits =
        tier.allocations() - tier.frees() == tier.used()
            && tier.grantedBytes() == tier.allocations() * SIZE;
    return check() + (fits ? 0 : 4);
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends StatsAgainstAll {
    private static final PoolCache POOLS = small(2, pool -> pool);

    public Small() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = flag(churn());
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = flag(churn());
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = checkCounts();
    }
  }

  /** More blocks, with magazines. */
  @JCStressTest
  @State
  public static class Large extends StatsAgainstAll {
    private static final PoolCache POOLS = large(2, pool -> pool);

    public Large() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = flag(churn());
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = flag(churn());
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = checkCounts();
    }
  }
}
