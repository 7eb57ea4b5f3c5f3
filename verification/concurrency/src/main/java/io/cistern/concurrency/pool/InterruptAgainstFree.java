package io.cistern.concurrency.pool;

import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A waiter is interrupted just when a block is freed: it gets the block or the block stays free,
 * but the block is not lost between the two.
 *
 * <p>Guard: that a block which was handed over is kept in spite of an interrupt. Seen to fail
 * without it: {@code 5, 2} (small and large).
 */
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "served")
@Outcome(id = "5, 0", expect = Expect.ACCEPTABLE, desc = "interrupted, the block is free")
@Outcome(id = "[15], [1-9]", expect = Expect.FORBIDDEN, desc = "the block was handed to nobody")
@Outcome(id = "0, .*", expect = Expect.FORBIDDEN, desc = "neither")
public abstract class InterruptAgainstFree extends PoolRace {
  final long handle;
  private volatile @Nullable Thread waiter;
  private volatile boolean done;

  InterruptAgainstFree(PoolCache pools) {
    super(pools);
    handle = pool.allocateHandle(SIZE);
  }

  final int waitForBlock() {
    waiter = Thread.currentThread();
    int result = allocate(LONG_WAIT);
    while (!done) {
      Thread.onSpinWait();
    }
    boolean interrupted = Thread.interrupted();
    return result == OK || interrupted || result == INTERRUPTED ? result : UNEXPECTED;
  }

  final void freeAndInterrupt() {
    Thread thread = waiter;
    while (thread == null) {
      Thread.onSpinWait();
      thread = waiter;
    }
    boolean freeFirst = ThreadLocalRandom.current().nextBoolean();
    if (freeFirst) {
      pool.free(handle);
    }
    thread.interrupt();
    if (!freeFirst) {
      pool.free(handle);
    }
    done = true;
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends InterruptAgainstFree {
    private static final PoolCache POOLS = small(1, pool -> pool);

    public Small() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      r.r1 = waitForBlock();
    }

    @Actor
    public void two(II_Result r) {
      meet();
      freeAndInterrupt();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkBlock();
    }
  }

  /** More blocks, with magazines. */
  @JCStressTest
  @State
  public static class Large extends InterruptAgainstFree {
    private static final PoolCache POOLS = large(1, pool -> pool);

    public Large() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      r.r1 = waitForBlock();
    }

    @Actor
    public void two(II_Result r) {
      meet();
      freeAndInterrupt();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkBlock();
    }
  }

  /** Blocks of any size. */
  @JCStressTest
  @State
  public static class Variable extends InterruptAgainstFree {
    private static final PoolCache POOLS = variable(1, pool -> pool);

    public Variable() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      r.r1 = waitForBlock();
    }

    @Actor
    public void two(II_Result r) {
      meet();
      freeAndInterrupt();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkBlock();
    }
  }
}
