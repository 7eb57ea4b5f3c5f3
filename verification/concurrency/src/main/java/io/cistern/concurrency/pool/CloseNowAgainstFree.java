package io.cistern.concurrency.pool;

import io.cistern.MemoryBlock;
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
 * A block is freed while its pool is closed at once, here one that zeroes on free: the free does
 * nothing or does its work, but does not throw.
 *
 * <p>Guard: that memory which is gone while it is zeroed is no error, as core once lacked it. Seen
 * to fail without it: {@code 9, 0} (small and large).
 */
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "freed or ignored")
@Outcome(id = "[2-9], .*", expect = Expect.FORBIDDEN, desc = "the free threw")
@Outcome(id = "., [1-9]", expect = Expect.FORBIDDEN, desc = "something of a closed pool is live")
public abstract class CloseNowAgainstFree extends PoolRace {
  private final MemoryBlock freed;

  CloseNowAgainstFree(PoolCache pools) {
    super(pools);
    freed = pool.allocate(1);
  }

  final int freeIt() {
    return outcome(freed::close);
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends CloseNowAgainstFree {
    private static final PoolCache POOLS =
        new PoolCache(() -> MemoryPool.builder().zeroing(Zeroing.ON_FREE).tier(LONG, 4).build(), 0);

    public Small() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      r.r1 = freeIt();
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
  public static class Large extends CloseNowAgainstFree {
    private static final PoolCache POOLS =
        new PoolCache(
            () -> MemoryPool.builder().zeroing(Zeroing.ON_FREE).tier(LONG, 65).build(), 0);

    public Large() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      r.r1 = freeIt();
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

  /** Blocks of any size. */
  @JCStressTest
  @State
  public static class Variable extends CloseNowAgainstFree {
    private static final PoolCache POOLS =
        new PoolCache(
            () -> MemoryPool.builder().zeroing(Zeroing.ON_FREE).variable(4L * LONG).build(), 0);

    public Variable() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      r.r1 = freeIt();
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
