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
 * One thread waits while another frees two blocks and then asks for one: there is one for each, and
 * neither is refused (invariant 2).
 *
 * <p>Guard: that a newcomer finds what the waiters leave, as core once lacked it. Seen to fail
 * without it: {@code 1, 0, 0} (small, once in ten thousand, and large, once in 380,000).
 */
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "a block for each")
@Outcome(id = "0, .*", expect = Expect.FORBIDDEN, desc = "the waiter got nothing")
@Outcome(
    id = ".*, 0, .*",
    expect = Expect.FORBIDDEN,
    desc = "the newcomer was refused although a block was free for it")
public abstract class NewcomerAgainstWaiter extends PoolRace {
  private final long first;
  private final long second;
  private long reused;

  NewcomerAgainstWaiter(PoolCache pools) {
    super(pools);
    first = pool.allocateHandle(SIZE);
    second = pool.allocateHandle(SIZE);
  }

  final int freeBothAndReuse() {
    pool.free(first);
    pool.free(second);
    reused = pool.tryAllocateHandle(SIZE);
    return flag(reused != MemoryPool.NO_HANDLE);
  }

  final int checkBoth() {
    pool.free(reused);
    return checkBlock();
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends NewcomerAgainstWaiter {
    private static final PoolCache POOLS = small(2, pool -> pool);

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
      r.r2 = freeBothAndReuse();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = checkBoth();
    }
  }

  /** More blocks, with magazines. */
  @JCStressTest
  @State
  public static class Large extends NewcomerAgainstWaiter {
    private static final PoolCache POOLS = large(2, pool -> pool);

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
      r.r2 = freeBothAndReuse();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = checkBoth();
    }
  }
}
