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
 * Statistics are taken while a pool with one live block is closed at once: the figures are those of
 * the moment of closing.
 *
 * <p>Guard: that the figures of closing are looked for after those of now. Seen to fail without it:
 * {@code 7, 0}.
 */
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "exact figures")
@Outcome(
    id = {"[1-9].*", ".*, [1-9]"},
    expect = Expect.FORBIDDEN,
    desc = "figures of nothing that ever was")
public abstract class StatsAgainstCloseNow extends PoolRace {
  StatsAgainstCloseNow(PoolCache pools) {
    super(pools);
    pool.allocateHandle(SIZE);
  }

  final int wrongFigures() {
    PoolStats stats = pool.stats();
    return flag(stats.used() != 1)
        + 2 * flag(stats.allocations() != 1)
        + 4 * flag(stats.frees() != 0);
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends StatsAgainstCloseNow {
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
      pool.closeNow();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = wrongFigures();
    }
  }
}
