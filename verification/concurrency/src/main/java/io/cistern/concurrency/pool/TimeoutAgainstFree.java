package io.cistern.concurrency.pool;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A waiter's time runs out just when a block is freed: it gets the block or the block stays free,
 * but the block is not lost between the two.
 *
 * <p>Guard: that a waiter looks for its block once more after it has left the queue. Seen to fail
 * without it: {@code 0, 2} (small and large).
 */
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "served in time")
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "too late, the block is free")
@Outcome(id = "[01], [1-9]", expect = Expect.FORBIDDEN, desc = "the block was handed to nobody")
public abstract class TimeoutAgainstFree extends PoolRace {
  private static final int MAX_WAIT_NANOS = 5_000;

  final long handle;

  TimeoutAgainstFree(PoolCache pools) {
    super(pools);
    handle = pool.allocateHandle(SIZE);
  }

  final int waitBriefly() {
    return allocate(Duration.ofNanos(ThreadLocalRandom.current().nextInt(MAX_WAIT_NANOS)));
  }

  final void freeAfterAWhile() {
    long start = System.nanoTime();
    int pause = ThreadLocalRandom.current().nextInt(MAX_WAIT_NANOS);
    while (System.nanoTime() - start < pause) {
      Thread.onSpinWait();
    }
    pool.free(handle);
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends TimeoutAgainstFree {
    private static final PoolCache POOLS = small(1, pool -> pool);

    public Small() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      r.r1 = waitBriefly();
    }

    @Actor
    public void two(II_Result r) {
      meet();
      freeAfterAWhile();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkBlock();
    }
  }

  /** More blocks, with magazines. */
  @JCStressTest
  @State
  public static class Large extends TimeoutAgainstFree {
    private static final PoolCache POOLS = large(1, pool -> pool);

    public Large() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      r.r1 = waitBriefly();
    }

    @Actor
    public void two(II_Result r) {
      meet();
      freeAfterAWhile();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkBlock();
    }
  }

  /** Blocks of any size. */
  @JCStressTest
  @State
  public static class Variable extends TimeoutAgainstFree {
    private static final PoolCache POOLS = variable(1, pool -> pool);

    public Variable() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      r.r1 = waitBriefly();
    }

    @Actor
    public void two(II_Result r) {
      meet();
      freeAfterAWhile();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkBlock();
    }
  }
}
