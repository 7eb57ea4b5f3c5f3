package io.cistern.concurrency.pool;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.Pin;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A block is pinned while its pool is closed at once: either it cannot be, or its memory can be
 * used until it is unpinned; after that the memory is given back in both cases.
 *
 * <p>Guard: that a pin looks at the block's word again once it has noted that the memory is in use.
 */
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "pinned before the pool was closed")
@Outcome(id = "4, 0", expect = Expect.ACCEPTABLE, desc = "closed before")
@Outcome(expect = Expect.FORBIDDEN, desc = "memory that is gone, or that is never given back")
public abstract class CloseNowAgainstPin extends PoolRace {
  private final MemoryBlock owned;
  private final MemorySegment region;
  private volatile @Nullable Pin pin;

  CloseNowAgainstPin(PoolCache pools) {
    super(pools);
    owned = pool.allocate(SIZE);
    region = pool.region();
  }

  final int pin() {
    try {
      Pin mine = owned.pin();
      mine.segment().set(ValueLayout.JAVA_BYTE, SIZE - 1, (byte) 7);
      pin = mine;
      return OK;
    } catch (IllegalStateException closed) {
      return CLOSED;
    }
  }

  /** 0, else the sum of 1 for memory that is gone too early, and 2 for memory that stays. */
  final int checkPin() {
    Pin mine = pin;
    int wrong = 0;
    if (mine != null) {
      wrong = mine.segment().get(ValueLayout.JAVA_BYTE, SIZE - 1) == 7 ? 0 : 1;
      mine.close();
    }
    return wrong + (region.scope().isAlive() ? 2 : 0);
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends CloseNowAgainstPin {
    private static final PoolCache POOLS =
        new PoolCache(() -> MemoryPool.builder().tier(SIZE, 2).build(), 0);

    public Small() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      r.r1 = pin();
    }

    @Actor
    public void two(II_Result r) {
      meet();
      pool.closeNow();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkPin();
    }
  }

  /** More blocks, with magazines. */
  @JCStressTest
  @State
  public static class Large extends CloseNowAgainstPin {
    private static final PoolCache POOLS =
        new PoolCache(() -> MemoryPool.builder().tier(SIZE, 65).build(), 0);

    public Large() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      r.r1 = pin();
    }

    @Actor
    public void two(II_Result r) {
      meet();
      pool.closeNow();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkPin();
    }
  }

  /** Blocks of any size. */
  @JCStressTest
  @State
  public static class Variable extends CloseNowAgainstPin {
    private static final PoolCache POOLS =
        new PoolCache(() -> MemoryPool.builder().variable(2L * SIZE).build(), 0);

    public Variable() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      r.r1 = pin();
    }

    @Actor
    public void two(II_Result r) {
      meet();
      pool.closeNow();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkPin();
    }
  }
}
