package io.cistern.concurrency.pool;

import io.cistern.MemoryPool;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A pool is verified while a block is allocated and freed: what is under way is not reported as
 * damage (invariant 7).
 *
 * <p>Guard: that what is found is looked for again. Seen to fail without it: {@code 1, 1, 0} (small
 * and large).
 */
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "nothing found")
@Outcome(id = "1, [1-9].*", expect = Expect.FORBIDDEN, desc = "a finding on a healthy pool")
@Outcome(id = "0, ., .*", expect = Expect.FORBIDDEN, desc = "a free block was refused")
public abstract class VerifyAgainstAll extends PoolRace {
  private static final int ROUNDS = 20;

  VerifyAgainstAll(PoolCache pools) {
    super(pools);
  }

  final int churn() {
    for (int round = 0; round < ROUNDS; round++) {
      long handle = pool.tryAllocateHandle(SIZE);
      if (handle == MemoryPool.NO_HANDLE) {
        return REFUSED;
      }
      pool.free(handle);
    }
    return OK;
  }

  final int findings() {
    return pool.verify().findings().size();
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends VerifyAgainstAll {
    private static final PoolCache POOLS = small(1, pool -> pool);

    public Small() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = churn();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = findings();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = check();
    }
  }

  /** More blocks, with magazines. */
  @JCStressTest
  @State
  public static class Large extends VerifyAgainstAll {
    private static final PoolCache POOLS = large(1, pool -> pool);

    public Large() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = churn();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = findings();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = check();
    }
  }
}
