package io.cistern.concurrency.pool;

import static java.util.Objects.requireNonNull;

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
 * <p>In large tiers the block has the mark of the thread that asks, which frees it and asks again.
 *
 * <p>Guard: that a block which was retired since its claim is not handed out, as core once lacked
 * it; in large tiers, that marks are taken away for ever before blocks are retired. Seen to fail
 * without it: {@code 1, 5} (small and large).
 */
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "allocated before, dead now")
@Outcome(id = "4, 0", expect = Expect.ACCEPTABLE, desc = "closed before")
@Outcome(id = "., [1-9]", expect = Expect.FORBIDDEN, desc = "something of a closed pool is live")
@Outcome(id = "0, .*", expect = Expect.FORBIDDEN, desc = "refused although a block was free")
public abstract class CloseNowAgainstAllocate extends PoolRace {
  private static final int REUSES = 2;
  private static final int ROUNDS = 16;

  CloseNowAgainstAllocate(PoolCache pools) {
    super(pools);
  }

  /** Leaves a block with the caller's mark on top of its magazine. */
  final void markOne() {
    for (int i = 0; i < REUSES && tryAllocate() == OK; i++) {
      outcome(requireNonNull(block)::close);
    }
  }

  /** Again and again, so that the close comes at every point of it: what befell it at last. */
  final int allocateAgain() {
    int last = tryAllocate();
    for (int round = 0; round < ROUNDS && last == OK; round++) {
      outcome(requireNonNull(block)::close);
      last = tryAllocate();
    }
    return last;
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
      markOne();
      meet();
      r.r1 = allocateAgain();
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
  public static class Variable extends CloseNowAgainstAllocate {
    private static final PoolCache POOLS =
        new PoolCache(() -> MemoryPool.builder().variable(4L * SIZE).build(), 0);

    public Variable() {
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
