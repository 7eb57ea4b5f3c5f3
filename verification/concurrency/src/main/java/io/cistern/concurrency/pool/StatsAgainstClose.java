package io.cistern.concurrency.pool;

import io.cistern.PoolStats;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Statistics are taken while a pool is closed: one block was allocated and freed, and whatever the
 * close has done so far, the figures say so.
 *
 * <p>Guard: that sealed blocks are not shown as used. Seen to fail without it: {@code 1, 1}.
 */
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "exact figures")
@Outcome(
    id = {"[1-9].*", ".*, [1-9]"},
    expect = Expect.FORBIDDEN,
    desc = "figures of nothing that ever was")
public abstract class StatsAgainstClose extends PoolRace {
  StatsAgainstClose(PoolCache pools) {
    super(pools);
    pool.free(pool.allocateHandle(SIZE));
  }

  final int wrongFigures() {
    PoolStats stats = pool.stats();
    return flag(stats.used() != 0)
        + 2 * flag(stats.allocations() != 1)
        + 4 * flag(stats.frees() != 1);
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends StatsAgainstClose {
    private static final PoolCache POOLS = new PoolCache(() -> eightTiers().build(), 0);

    public Small() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      r.r1 = wrongFigures();
    }

    @Actor
    public void two(II_Result r) {
      meet();
      pool.close();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = wrongFigures();
    }
  }
}
