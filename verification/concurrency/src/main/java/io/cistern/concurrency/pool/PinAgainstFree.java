package io.cistern.concurrency.pool;

import io.cistern.MemoryBlock;
import io.cistern.Pin;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A block is pinned while its owner frees it: either the pin comes too late, or the free is put
 * off, and the block is nobody else's until it is unpinned.
 *
 * <p>Guard: that a pin changes the state word by compare-and-set, which the free then does not
 * know.
 */
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "pinned, and the free put off")
@Outcome(id = "0, 1, 0", expect = Expect.ACCEPTABLE, desc = "freed before it could be pinned")
@Outcome(expect = Expect.FORBIDDEN, desc = "the free failed, or a pinned block was free")
public abstract class PinAgainstFree extends PoolRace {
  private final MemoryBlock owned;
  private volatile @Nullable Pin pin;

  PinAgainstFree(PoolCache pools) {
    super(pools);
    owned = pool.allocate(SIZE);
  }

  final int pin() {
    try {
      pin = owned.pin();
      return OK;
    } catch (IllegalStateException freed) {
      return REFUSED;
    }
  }

  final int freeIt() {
    return outcome(owned::close);
  }

  /** 0 if nobody gets the block before it is unpinned, and somebody does afterwards. */
  final int checkPin() {
    Pin pinned = pin;
    int wrong = 0;
    if (pinned != null) {
      wrong = tryAllocate() == REFUSED ? 0 : 8;
      pinned.close();
    }
    wrong += tryAllocate() == OK ? 0 : 16;
    return wrong + checkBlock();
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends PinAgainstFree {
    private static final PoolCache POOLS = small(1, pool -> pool);

    public Small() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = pin();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = freeIt();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = checkPin();
    }
  }

  /** More blocks, with magazines. */
  @JCStressTest
  @State
  public static class Large extends PinAgainstFree {
    private static final PoolCache POOLS = large(1, pool -> pool);

    public Large() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = pin();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = freeIt();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = checkPin();
    }
  }

  /** Blocks of any size. */
  @JCStressTest
  @State
  public static class Variable extends PinAgainstFree {
    private static final PoolCache POOLS = variable(1, pool -> pool);

    public Variable() {
      super(POOLS);
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = pin();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = freeIt();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = checkPin();
    }
  }
}
