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
 * Two threads allocate at once, one of them crosses the low threshold and one the critical one:
 * when both are done, listeners have been told that the tier is critical.
 *
 * <p>Guard: that use is looked at again after a crossing, as core once lacked it. Seen to fail
 * without it: {@code 1, 0}.
 */
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "told")
@Outcome(
    id = "[1-9].*",
    expect = Expect.FORBIDDEN,
    desc = "a crossing was not told, and nobody will")
public abstract class PressureUp extends PoolRace {
  PressureUp(PoolCache pools) {
    super(pools);
  }

  private long first;
  private long second;

  final void allocateFirst() {
    first = pool.allocateHandle(SIZE);
  }

  final void allocateSecond() {
    second = pool.allocateHandle(SIZE);
  }

  final int checkAll() {
    return check(first, second);
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends PressureUp {
    private static final PoolCache POOLS = new PoolCache(Levels::open, 0);

    public Small() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      allocateFirst();
    }

    @Actor
    public void two(II_Result r) {
      meet();
      allocateSecond();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r1 = Levels.differs(pool, PressureLevel.CRITICAL);
      r.r2 = checkAll();
    }
  }
}
