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
 * A waiter is handed a block and the pool is closed at once before it wakes: it gets a dead block
 * or is told that the pool is closed, and nothing of the pool is live afterwards.
 *
 * <p>Guard: that a block which was retired since its claim is not handed out, as core once lacked
 * it. Seen to fail without it: {@code 1, 5} (small and large).
 */
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "served before")
@Outcome(id = "4, 0", expect = Expect.ACCEPTABLE, desc = "closed before")
@Outcome(id = "., [1-9]", expect = Expect.FORBIDDEN, desc = "something of a closed pool is live")
@Outcome(id = "0, .*", expect = Expect.FORBIDDEN, desc = "neither block nor news")
public abstract class CloseNowAgainstWait extends PoolRace {
  private final long handle;

  CloseNowAgainstWait(PoolCache pools) {
    super(pools);
    handle = pool.allocateHandle(SIZE);
  }

  final void freeAndClose() {
    pool.free(handle);
    pool.closeNow();
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends CloseNowAgainstWait {
    private static final PoolCache POOLS =
        new PoolCache(() -> MemoryPool.builder().tier(SIZE, 1).build(), 0);

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
      freeAndClose();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkClosed();
    }
  }

  /** More blocks, with magazines. */
  @JCStressTest
  @State
  public static class Large extends CloseNowAgainstWait {
    private static final PoolCache POOLS =
        new PoolCache(() -> MemoryPool.builder().tier(SIZE, 65).build(), PoolCache.BALLAST);

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
      freeAndClose();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkClosed();
    }
  }

  /** Blocks of any size. */
  @JCStressTest
  @State
  public static class Variable extends CloseNowAgainstWait {
    private static final PoolCache POOLS =
        new PoolCache(() -> MemoryPool.builder().variable(SIZE).build(), 0);

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
      freeAndClose();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkClosed();
    }
  }
}
