package io.cistern.concurrency.pool;

import io.cistern.MemoryBlock;
import io.cistern.Pin;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Two threads free a pinned block, one by its handle: one free is put off, the other is told
 * DOUBLE_FREE, and the unpin frees the block once.
 *
 * <p>Guard: that a free by handle does not take the word of a pinned block for its owner's. Seen to
 * fail without it: {@code 1, 1, .}.
 */
@Outcome(
    id = {"1, 2, 0", "2, 1, 0"},
    expect = Expect.ACCEPTABLE,
    desc = "put off once")
@Outcome(expect = Expect.FORBIDDEN, desc = "freed twice, or while it was pinned")
public abstract class DoubleFreeOfPinned extends PoolRace {
  private final MemoryBlock owned;
  private final Pin pin;

  DoubleFreeOfPinned(PoolCache pools) {
    super(pools);
    owned = pool.allocate(SIZE);
    pin = owned.pin();
  }

  final int freeIt() {
    return outcome(owned::close);
  }

  final int freeByHandle() {
    return free(owned.handle());
  }

  final int unpin() {
    int early = tryAllocate() == REFUSED ? 0 : 8;
    return early + (outcome(pin::close) == OK ? 0 : 16) + check();
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends DoubleFreeOfPinned {
    private static final PoolCache POOLS = small(1, pool -> pool);

    public Small() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = freeIt();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = freeByHandle();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = unpin();
    }
  }

  /** More blocks, with magazines. */
  @JCStressTest
  @State
  public static class Large extends DoubleFreeOfPinned {
    private static final PoolCache POOLS = large(1, pool -> pool);

    public Large() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = freeIt();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = freeByHandle();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = unpin();
    }
  }

  /** Blocks of any size. */
  @JCStressTest
  @State
  public static class Variable extends DoubleFreeOfPinned {
    private static final PoolCache POOLS = variable(1, pool -> pool);

    public Variable() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = freeIt();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = freeByHandle();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = unpin();
    }
  }
}
