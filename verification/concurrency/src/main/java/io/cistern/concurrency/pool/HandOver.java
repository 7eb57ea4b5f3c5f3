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
 * A block is freed while a thread waits, and is then asked for by the thread that freed it: the
 * waiter was first and has it, before free returns.
 *
 * <p>Guard: that a waiter is counted only once it cannot be overtaken, as core once lacked it. Seen
 * to fail without it: {@code 1, 1, 0} (small and large).
 */
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "handed to the waiter")
@Outcome(id = ".*, 1, .*", expect = Expect.FORBIDDEN, desc = "a newcomer overtook the waiter")
@Outcome(id = "0, .*", expect = Expect.FORBIDDEN, desc = "the waiter got nothing")
public abstract class HandOver extends PoolRace {
  final long handle;
  private long overtaken;

  HandOver(PoolCache pools) {
    super(pools);
    handle = pool.allocateHandle(SIZE);
  }

  final int freeAndReuse() {
    while (pool.stats().waiting() == 0) {
      Thread.onSpinWait();
    }
    pool.free(handle);
    overtaken = pool.tryAllocateHandle(SIZE);
    if (overtaken != MemoryPool.NO_HANDLE) {
      pool.free(overtaken);
      return OK;
    }
    return REFUSED;
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends HandOver {
    private static final PoolCache POOLS = small(1, pool -> pool);

    public Small() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = allocate(LONG_WAIT);
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = freeAndReuse();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = checkBlock();
    }
  }

  /** More blocks, with magazines. */
  @JCStressTest
  @State
  public static class Large extends HandOver {
    private static final PoolCache POOLS = large(1, pool -> pool);

    public Large() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = allocate(LONG_WAIT);
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = freeAndReuse();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = checkBlock();
    }
  }

  /** Blocks of any size. */
  @JCStressTest
  @State
  public static class Variable extends HandOver {
    private static final PoolCache POOLS = variable(1, pool -> pool);

    public Variable() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = allocate(LONG_WAIT);
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = freeAndReuse();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = checkBlock();
    }
  }
}
