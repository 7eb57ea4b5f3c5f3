package io.cistern.concurrency.pool;

import io.cistern.MemoryPool;
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
 *
 * <p>Guards: in small tiers, that sizes are read before counts; in larger ones, that the bytes
 * asked for are written after the count of allocations. Seen to fail without either: {@code 1, 0,
 * 0}. The clamp of used blocks is never needed here.
 */
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "figures in range, exact at the end")
@Outcome(id = "1, 0, .*", expect = Expect.FORBIDDEN, desc = "a figure out of range")
@Outcome(id = "0, ., .*", expect = Expect.FORBIDDEN, desc = "refused although a block was free")
public abstract class StatsAgainstAll extends PoolRace {
  private static final int PAIRS = 20;
  private static final int LOOKS = 4;

  StatsAgainstAll(PoolCache pools) {
    super(pools);
  }

  final boolean churn() {
    boolean served = true;
    for (int i = 0; i < PAIRS; i++) {
      long handle = pool.tryAllocateHandle(SIZE);
      pool.free(handle);
      served &= handle != MemoryPool.NO_HANDLE;
    }
    return served;
  }

  final boolean look() {
    boolean plausible = true;
    for (int i = 0; i < LOOKS; i++) {
      plausible &= isPlausible(pool.stats());
    }
    return plausible;
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
    private static final PoolCache POOLS = small(1, pool -> pool);

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
      r.r2 = flag(look());
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
    private static final PoolCache POOLS =
        new PoolCache(() -> MemoryPool.builder().tier(SIZE, 65).build(), 0);

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
      r.r2 = flag(look());
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = checkCounts();
    }
  }
}
