package io.cistern.concurrency.pool;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Two threads free one allocation, one by its handle, the other by handle and size: one succeeds,
 * the other is told DOUBLE_FREE (invariant 1).
 *
 * <p>Guard: the compare-and-set of a release; an earlier {@code free(handle, size)} that asked
 * twice whether the handle was live was seen too, as {@code 1, 9, 0}. Seen to fail without it:
 * {@code 1, 1, 0} (small); {@code 1, 1, 3} (large).
 */
@Outcome(
    id = {"1, 2, 0", "2, 1, 0"},
    expect = Expect.ACCEPTABLE,
    desc = "freed once")
@Outcome(id = "1, 1, .*", expect = Expect.FORBIDDEN, desc = "freed twice")
@Outcome(
    id = {"9, ., .*", "., 9, .*"},
    expect = Expect.FORBIDDEN,
    desc = "not the exception that was promised")
public abstract class DoubleFree extends PoolRace {
  final long handle;

  DoubleFree(PoolCache pools) {
    super(pools);
    handle = pool.allocateHandle(SIZE);
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends DoubleFree {
    private static final PoolCache POOLS = small(1, pool -> pool);

    public Small() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = free(handle);
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = freeSized(handle);
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = check();
    }
  }

  /** More blocks, with magazines. */
  @JCStressTest
  @State
  public static class Large extends DoubleFree {
    private static final PoolCache POOLS = large(1, pool -> pool);

    public Large() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = free(handle);
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = freeSized(handle);
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = check();
    }
  }

  /** Blocks of any size. */
  @JCStressTest
  @State
  public static class Variable extends DoubleFree {
    private static final PoolCache POOLS = variable(1, pool -> pool);

    public Variable() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = free(handle);
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = freeSized(handle);
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = check();
    }
  }
}
