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
 * Two tiers with one racing block each, spilling upwards. One thread frees a block of the lower
 * tier and then takes that of the upper one: at every moment one of the two is free, so a request
 * for the lower tier, which may take either, is served (invariant 2).
 *
 * <p>Guard: that several tiers are searched until no release completed meanwhile, as core once
 * lacked it for small ones. Seen to fail without it: {@code 0, 1, 0} (small and large).
 */
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "served")
@Outcome(
    id = "1, 0, 0",
    expect = Expect.ACCEPTABLE,
    desc = "the upper block was spilled to the other")
@Outcome(
    id = "0, .*",
    expect = Expect.FORBIDDEN,
    desc = "refused although a block was free at every moment")
public abstract class SpillAgainstMove extends PoolRace {
  private final long lower;
  private long moved;
  private long served;

  SpillAgainstMove(PoolCache pools) {
    super(pools);
    lower = pool.allocateHandle(SIZE);
  }

  final int move() {
    pool.free(lower);
    moved = pool.tryAllocateHandle(2 * SIZE);
    return moved == MemoryPool.NO_HANDLE ? REFUSED : OK;
  }

  final int serve() {
    served = pool.tryAllocateHandle(SIZE);
    return served == MemoryPool.NO_HANDLE ? REFUSED : OK;
  }

  final int checkAll() {
    return check(moved, served);
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends SpillAgainstMove {
    private static final PoolCache POOLS =
        new PoolCache(() -> MemoryPool.builder().tier(SIZE, 1).tier(2 * SIZE, 1).build(), 0);

    public Small() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r2 = move();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r1 = serve();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = checkAll();
    }
  }

  /** More blocks, with magazines. */
  @JCStressTest
  @State
  public static class Large extends SpillAgainstMove {
    private static final PoolCache POOLS =
        new PoolCache(
            () -> MemoryPool.builder().tier(SIZE, 1 + PoolCache.BALLAST).tier(2 * SIZE, 1).build(),
            PoolCache.BALLAST);

    public Large() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r2 = move();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r1 = serve();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = checkAll();
    }
  }
}
