package io.cistern.concurrency.pool;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * One thread waits for a block while another frees the only one: the waiter gets it, whenever the
 * free comes; no wake-up is lost.
 *
 * <p>Guard: that a release looks for waiters after its block is free, not before. Seen to fail
 * without it: {@code 0, 0} (small and large).
 */
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "waited and served")
@Outcome(id = "0, .*", expect = Expect.FORBIDDEN, desc = "a free block, and the waiter sleeps on")
public abstract class WaitAgainstFree extends PoolRace {
  final long handle;

  WaitAgainstFree(PoolCache pools) {
    super(pools);
    handle = pool.allocateHandle(SIZE);
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends WaitAgainstFree {
    private static final PoolCache POOLS = small(1, pool -> pool);

    public Small() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      r.r1 = allocate(LONG_WAIT);
    }

    @Actor
    public void two(II_Result r) {
      meet();
      free(handle);
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkBlock();
    }
  }

  /** More blocks, with magazines. */
  @JCStressTest
  @State
  public static class Large extends WaitAgainstFree {
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
      meet();
      free(handle);
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkBlock();
    }
  }

  /** Blocks of any size. */
  @JCStressTest
  @State
  public static class Variable extends WaitAgainstFree {
    private static final PoolCache POOLS = variable(1, pool -> pool);

    public Variable() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      r.r1 = allocate(LONG_WAIT);
    }

    @Actor
    public void two(II_Result r) {
      meet();
      free(handle);
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkBlock();
    }
  }
}
