package io.cistern.concurrency.pool;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * One thread waits for a block while another allocates and frees the only one again and again, by
 * plain stores as long as nobody waits: the waiter gets it, at whichever free it comes; no wake-up
 * is lost.
 *
 * <p>Once, for each pool: after it, every release is followed by a fence. So every race has a pool
 * of its own.
 *
 * <p>Guard: that whoever waits first ends releases by plain stores. Seen to fail without it: {@code
 * 0, 0}.
 */
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "waited and served")
@Outcome(id = "0, .*", expect = Expect.FORBIDDEN, desc = "a free block, and the waiter sleeps on")
public abstract class WaitAgainstOwnFree extends PoolRace {
  private static final int ROUNDS = 64;

  WaitAgainstOwnFree(PoolCache pools) {
    super(pools);
  }

  /** Frees it in the end, unless the waiter has it. */
  final void allocateAndFree() {
    for (int round = 0; round < ROUNDS; round++) {
      pool.free(pool.tryAllocateHandle(SIZE));
    }
  }

  /** As {@link #checkBlock}, and closes the pool. */
  final int checkAndClose() {
    if (block != null) {
      block.close();
    }
    boolean ok = pool.verify().ok() && pool.stats().used() == PoolCache.BALLAST;
    pool.closeNow();
    return flag(!ok);
  }

  /** More blocks, with magazines. */
  @JCStressTest
  @State
  public static class Large extends WaitAgainstOwnFree {
    private static final PoolCache POOLS = large(1, pool -> pool);

    public Large() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      r.r1 = allocate(LONG_WAIT);
    }

    @Actor
    public void two(II_Result r) {
      allocateAndFree();
      meet();
      allocateAndFree();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkAndClose();
    }
  }
}
