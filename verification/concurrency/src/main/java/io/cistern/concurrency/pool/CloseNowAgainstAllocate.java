package io.cistern.concurrency.pool;

import io.cistern.MemoryPool;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A pool is closed at once while a block is asked for: the block, if there is one, is not live
 * afterwards, closing it does nothing, and the pool allocates no more.
 *
 * <p>Guard: that a block which was retired since its claim is not handed out, as core once lacked
 * it. Seen to fail without it: {@code 1, 5} (small and large).
 */
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "allocated before, dead now")
@Outcome(id = "4, 0", expect = Expect.ACCEPTABLE, desc = "closed before")
@Outcome(id = "., [1-9]", expect = Expect.FORBIDDEN, desc = "something of a closed pool is live")
@Outcome(id = "0, .*", expect = Expect.FORBIDDEN, desc = "refused although a block was free")
public abstract class CloseNowAgainstAllocate extends PoolRace {
  CloseNowAgainstAllocate(PoolCache pools) {
    super(pools);
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends CloseNowAgainstAllocate {
    private static final PoolCache POOLS =
        new PoolCache(() -> MemoryPool.builder().tier(SIZE, 4).build(), 0);

    public Small() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      r.r1 = tryAllocate();
    }

    @Actor
    public void two(II_Result r) {
      meet();
      pool.closeNow();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkClosed();
    }
  }

  /** More blocks, with magazines. */
  @JCStressTest
  @State
  public static class Large extends CloseNowAgainstAllocate {
    private static final PoolCache POOLS =
        new PoolCache(() -> MemoryPool.builder().tier(SIZE, 65).build(), 0);

    public Large() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      r.r1 = tryAllocate();
    }

    @Actor
    public void two(II_Result r) {
      meet();
      pool.closeNow();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkClosed();
    }
  }
}
