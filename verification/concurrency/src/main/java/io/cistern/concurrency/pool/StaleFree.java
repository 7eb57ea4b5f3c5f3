package io.cistern.concurrency.pool;

import io.cistern.MemoryPool;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/**
 * An owner frees a block and allocates it again, while another thread frees the old allocation:
 * whoever frees first succeeds, and the new owner's block and data are not touched (invariant 1).
 *
 * <p>Guard: the comparison of generations. Seen to fail without it: {@code 1, 9, 1, 8} (small);
 * {@code 1, 1, 1, 8} (large).
 */
@Outcome(
    id = "1, 1, [23], 0",
    expect = Expect.ACCEPTABLE,
    desc = "freed by its owner, reused, the other refused")
@Outcome(
    id = "2, [01], 1, 0",
    expect = Expect.ACCEPTABLE,
    desc = "freed by the other, the owner refused")
@Outcome(id = "1, ., 1, .*", expect = Expect.FORBIDDEN, desc = "freed twice")
@Outcome(
    id = {"., ., ., [89]", "., 9, ., .*"},
    expect = Expect.FORBIDDEN,
    desc = "the new owner lost its block or data")
@Outcome(id = "1, 0, ., .*", expect = Expect.FORBIDDEN, desc = "refused although freed before")
public abstract class StaleFree extends PoolRace {
  private static final int LOST = 8;

  final long handle;
  private long reused;

  StaleFree(PoolCache pools) {
    super(pools);
    handle = pool.allocateHandle(SIZE);
  }

  final int reuse() {
    reused = pool.tryAllocateHandle(SIZE);
    if (reused == MemoryPool.NO_HANDLE) {
      return REFUSED;
    }
    try {
      fill(reused, reused);
    } catch (IllegalArgumentException freedByTheOther) {
      return UNEXPECTED;
    }
    return OK;
  }

  /** As {@link #check}, plus 8 when the new owner lost its block or its data. */
  final int checkReused() {
    boolean intact =
        reused == MemoryPool.NO_HANDLE || (pool.isLive(reused) && holds(reused, reused));
    return (intact ? 0 : LOST) + check(reused);
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends StaleFree {
    private static final PoolCache POOLS = small(1, pool -> pool);

    public Small() {
      super(POOLS);
    }

    @Actor
    public void one(IIII_Result r) {
      meet();
      r.r1 = free(handle);
      r.r2 = reuse();
    }

    @Actor
    public void two(IIII_Result r) {
      meet();
      r.r3 = free(handle);
    }

    @Arbiter
    public void after(IIII_Result r) {
      r.r4 = checkReused();
    }
  }

  /** More blocks, with magazines. */
  @JCStressTest
  @State
  public static class Large extends StaleFree {
    private static final PoolCache POOLS = large(1, pool -> pool);

    public Large() {
      super(POOLS);
    }

    @Actor
    public void one(IIII_Result r) {
      meet();
      r.r1 = free(handle);
      r.r2 = reuse();
    }

    @Actor
    public void two(IIII_Result r) {
      meet();
      r.r3 = free(handle);
    }

    @Arbiter
    public void after(IIII_Result r) {
      r.r4 = checkReused();
    }
  }

  /** Blocks of any size. */
  @JCStressTest
  @State
  public static class Variable extends StaleFree {
    private static final PoolCache POOLS = variable(1, pool -> pool);

    public Variable() {
      super(POOLS);
    }

    @Actor
    public void one(IIII_Result r) {
      meet();
      r.r1 = free(handle);
      r.r2 = reuse();
    }

    @Actor
    public void two(IIII_Result r) {
      meet();
      r.r3 = free(handle);
    }

    @Arbiter
    public void after(IIII_Result r) {
      r.r4 = checkReused();
    }
  }
}
