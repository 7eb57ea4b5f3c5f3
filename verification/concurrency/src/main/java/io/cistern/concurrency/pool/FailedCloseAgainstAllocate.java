package io.cistern.concurrency.pool;

import io.cistern.MemoryPool;
import io.cistern.Spill;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * One tier has a free block, another a live one, so closing the pool is refused; meanwhile the free
 * block is asked for: a close that fails must not make an allocation fail (invariant 2).
 *
 * <p>Guard: that a search while the pool was sealed does not count, as core once lacked it. Seen to
 * fail without it: {@code 0, 1, 0} (small and large).
 */
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "served, and the pool stays open")
@Outcome(
    id = "0, .*",
    expect = Expect.FORBIDDEN,
    desc = "refused although the block was free all the time")
@Outcome(id = "., 0, .*", expect = Expect.FORBIDDEN, desc = "closed with a live block")
public abstract class FailedCloseAgainstAllocate extends PoolRace {
  private final long live;
  private long served;

  FailedCloseAgainstAllocate(PoolCache pools) {
    super(pools);
    live = pool.allocateHandle(2 * SIZE);
  }

  final int tryClose() {
    try {
      pool.close();
      return REFUSED;
    } catch (IllegalStateException blocksAreLive) {
      return OK;
    }
  }

  final int serve() {
    served = pool.tryAllocateHandle(SIZE);
    return served == MemoryPool.NO_HANDLE ? REFUSED : OK;
  }

  final int checkAll() {
    return check(live, served);
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends FailedCloseAgainstAllocate {
    private static final PoolCache POOLS =
        new PoolCache(
            () -> MemoryPool.builder().tier(SIZE, 1).tier(2 * SIZE, 1).spill(Spill.OFF).build(), 0);

    public Small() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = serve();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = tryClose();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = checkAll();
    }
  }

  /** More blocks, with magazines. */
  @JCStressTest
  @State
  public static class Large extends FailedCloseAgainstAllocate {
    private static final PoolCache POOLS =
        new PoolCache(
            () -> MemoryPool.builder().tier(SIZE, 65).tier(2 * SIZE, 1).spill(Spill.OFF).build(),
            0);

    public Large() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = serve();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = tryClose();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = checkAll();
    }
  }

  /** Blocks of any size. */
  @JCStressTest
  @State
  public static class Variable extends FailedCloseAgainstAllocate {
    private static final PoolCache POOLS =
        new PoolCache(() -> MemoryPool.builder().variable(3L * SIZE).build(), 0);

    public Variable() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = serve();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = tryClose();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = checkAll();
    }
  }
}
