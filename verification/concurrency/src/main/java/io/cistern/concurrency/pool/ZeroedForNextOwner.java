package io.cistern.concurrency.pool;

import io.cistern.MemoryPool;
import io.cistern.Zeroing;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * In a pool that zeroes on free, the next owner of a block never sees what the last one wrote. *
 *
 * <p>Guard: that a block is zeroed before it is released. Seen to fail without it: {@code 9, 0}
 * (small and large).
 */
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "reused, all zero")
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "not freed yet")
@Outcome(id = "9, .*", expect = Expect.FORBIDDEN, desc = "the next owner sees the last one's data")
public abstract class ZeroedForNextOwner extends PoolRace {
  final long handle;
  private long reused;

  ZeroedForNextOwner(PoolCache pools) {
    super(pools);
    handle = pool.allocateHandle(SIZE);
    fill(handle, -1);
  }

  final int reuse() {
    reused = pool.tryAllocateHandle(SIZE);
    if (reused == MemoryPool.NO_HANDLE) {
      return REFUSED;
    }
    return holds(reused, 0) ? OK : UNEXPECTED;
  }

  final int checkReused() {
    return check(reused);
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends ZeroedForNextOwner {
    private static final PoolCache POOLS = small(1, pool -> pool.zeroing(Zeroing.ON_FREE));

    public Small() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      free(handle);
    }

    @Actor
    public void two(II_Result r) {
      meet();
      r.r1 = reuse();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkReused();
    }
  }

  /** More blocks, with magazines. */
  @JCStressTest
  @State
  public static class Large extends ZeroedForNextOwner {
    private static final PoolCache POOLS = large(1, pool -> pool.zeroing(Zeroing.ON_FREE));

    public Large() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      free(handle);
    }

    @Actor
    public void two(II_Result r) {
      meet();
      r.r1 = reuse();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkReused();
    }
  }

  /** Blocks of any size. */
  @JCStressTest
  @State
  public static class Variable extends ZeroedForNextOwner {
    private static final PoolCache POOLS = variable(1, pool -> pool.zeroing(Zeroing.ON_FREE));

    public Variable() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      free(handle);
    }

    @Actor
    public void two(II_Result r) {
      meet();
      r.r1 = reuse();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkReused();
    }
  }
}
