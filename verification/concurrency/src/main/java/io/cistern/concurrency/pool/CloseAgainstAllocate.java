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
 * A pool without live blocks is closed while a block is asked for: either the block is handed out
 * and the pool stays open, or it is closed and the request is told so.
 *
 * <p>Guard: that blocks are sealed, not only counted. Seen to fail without it: {@code 1, 1, 0}
 * (small and large).
 */
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "allocated, so not closed")
@Outcome(id = "4, 1, 0", expect = Expect.ACCEPTABLE, desc = "closed, so not allocated")
@Outcome(id = "1, 1, .*", expect = Expect.FORBIDDEN, desc = "closed with a live block")
@Outcome(id = "0, .*", expect = Expect.FORBIDDEN, desc = "refused although a block was free")
@Outcome(id = "4, 0, .*", expect = Expect.FORBIDDEN, desc = "neither")
public abstract class CloseAgainstAllocate extends PoolRace {
  CloseAgainstAllocate(PoolCache pools) {
    super(pools);
  }

  final int close() {
    try {
      pool.close();
      return OK;
    } catch (IllegalStateException blocksAreLive) {
      return REFUSED;
    }
  }

  final int checkAndClose() {
    if (block != null && block.isLive()) {
      block.close();
    }
    boolean ok = pool.verify().ok();
    pool.close();
    return flag(!ok);
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends CloseAgainstAllocate {
    private static final PoolCache POOLS =
        new PoolCache(() -> MemoryPool.builder().tier(SIZE, 4).build(), 0);

    public Small() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = tryAllocate();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = close();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = checkAndClose();
    }
  }

  /** More blocks, with magazines. */
  @JCStressTest
  @State
  public static class Large extends CloseAgainstAllocate {
    private static final PoolCache POOLS =
        new PoolCache(() -> MemoryPool.builder().tier(SIZE, 65).build(), 0);

    public Large() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = tryAllocate();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = close();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = checkAndClose();
    }
  }

  /** Blocks of any size. */
  @JCStressTest
  @State
  public static class Variable extends CloseAgainstAllocate {
    private static final PoolCache POOLS =
        new PoolCache(() -> MemoryPool.builder().variable(4L * SIZE).build(), 0);

    public Variable() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = tryAllocate();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = close();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = checkAndClose();
    }
  }
}
