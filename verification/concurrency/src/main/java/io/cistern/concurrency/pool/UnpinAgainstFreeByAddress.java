package io.cistern.concurrency.pool;

import io.cistern.MemoryBlock;
import io.cistern.Pin;
import java.lang.foreign.MemorySegment;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * The last pin of a block is closed while its owner frees it by its address: the block is free
 * afterwards, once, and is never taken for an arena's.
 *
 * <p>Guard: that whether a block is pinned and whether it is held are looked at under one lock.
 */
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "freed, at once or when unpinned")
@Outcome(expect = Expect.FORBIDDEN, desc = "something threw, or the block is not free")
public abstract class UnpinAgainstFreeByAddress extends PoolRace {
  private final Pin pin;
  private final MemorySegment memory;

  UnpinAgainstFreeByAddress(PoolCache pools) {
    super(pools);
    MemoryBlock owned = pool.allocate(SIZE);
    pin = owned.pin();
    memory = owned.segment();
  }

  final int unpin() {
    return outcome(pin::close);
  }

  final int freeIt() {
    return outcome(() -> pool.free(memory));
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends UnpinAgainstFreeByAddress {
    private static final PoolCache POOLS = small(1, pool -> pool);

    public Small() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = unpin();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = freeIt();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = check();
    }
  }

  /** More blocks, with magazines. */
  @JCStressTest
  @State
  public static class Large extends UnpinAgainstFreeByAddress {
    private static final PoolCache POOLS = large(1, pool -> pool);

    public Large() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = unpin();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = freeIt();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = check();
    }
  }

  /** Blocks of any size. */
  @JCStressTest
  @State
  public static class Variable extends UnpinAgainstFreeByAddress {
    private static final PoolCache POOLS = variable(1, pool -> pool);

    public Variable() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = unpin();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = freeIt();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = check();
    }
  }
}
