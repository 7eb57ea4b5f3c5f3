package io.cistern.concurrency.pool;

import io.cistern.PressureLevel;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Two threads allocate and free at once: when both are done, listeners have been told that the tier
 * is back at normal.
 *
 * <p>Guard: that use is looked at again after a crossing, as core once lacked it. Seen to fail
 * without it: {@code 1, 0}.
 */
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "told")
@Outcome(
    id = "[1-9].*",
    expect = Expect.FORBIDDEN,
    desc = "a crossing was not told, and nobody will")
public abstract class PressureDown extends PoolRace {
  PressureDown(PoolCache pools) {
    super(pools);
  }

  final void churn() {
    pool.free(pool.allocateHandle(SIZE));
  }

  final int checkAll() {
    return check();
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends PressureDown {
    private static final PoolCache POOLS = new PoolCache(Levels::open, 0);

    public Small() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      churn();
    }

    @Actor
    public void two(II_Result r) {
      meet();
      churn();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r1 = Levels.differs(pool, PressureLevel.NORMAL);
      r.r2 = checkAll();
    }
  }
}
