package io.cistern.concurrency.pool;

import io.cistern.MemoryPool;
import java.lang.foreign.Arena;
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
 * An arena takes a block while its pool is closed at once: either it gets none, or its segment can
 * be used until the arena is closed; after that the memory is given back in both cases.
 *
 * <p>Guard: the barrier between retiring a pool's blocks and looking who has lent them, and that a
 * loan that came too late is given up ({@code Blocks.hold}).
 */
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "lent before the pool was closed")
@Outcome(id = "4, 0", expect = Expect.ACCEPTABLE, desc = "closed before")
@Outcome(expect = Expect.FORBIDDEN, desc = "memory that is gone, or that is never given back")
public abstract class CloseNowAgainstArena extends PoolRace {
  private final Arena arena;
  private final MemorySegment region;
  private volatile @Nullable MemorySegment segment;

  CloseNowAgainstArena(PoolCache pools) {
    super(pools);
    arena = pool.openSharedArena();
    region = pool.region();
  }

  final int allocate() {
    try {
      MemorySegment mine = arena.allocate(SIZE);
      mine.set(ValueLayout.JAVA_BYTE, SIZE - 1, (byte) 7);
      segment = mine;
      return OK;
    } catch (IllegalStateException closed) {
      return CLOSED;
    }
  }

  /** 0, else the sum of 1 for memory that is gone too early, and 2 for memory that stays. */
  final int checkArena() {
    MemorySegment mine = segment;
    int wrong = 0;
    if (mine != null) {
      wrong = mine.get(ValueLayout.JAVA_BYTE, SIZE - 1) == 7 && region.scope().isAlive() ? 0 : 1;
    }
    arena.close();
    return wrong + (region.scope().isAlive() ? 2 : 0);
  }

  /** Up to 64 blocks. */
  @JCStressTest
  @State
  public static class Small extends CloseNowAgainstArena {
    private static final PoolCache POOLS =
        new PoolCache(() -> MemoryPool.builder().tier(SIZE, 2).build(), 0);

    public Small() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      r.r1 = allocate();
    }

    @Actor
    public void two(II_Result r) {
      meet();
      pool.closeNow();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkArena();
    }
  }

  /** More blocks, with magazines. */
  @JCStressTest
  @State
  public static class Large extends CloseNowAgainstArena {
    private static final PoolCache POOLS =
        new PoolCache(() -> MemoryPool.builder().tier(SIZE, 65).build(), 0);

    public Large() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      r.r1 = allocate();
    }

    @Actor
    public void two(II_Result r) {
      meet();
      pool.closeNow();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkArena();
    }
  }

  /** Blocks of any size. */
  @JCStressTest
  @State
  public static class Variable extends CloseNowAgainstArena {
    private static final PoolCache POOLS =
        new PoolCache(() -> MemoryPool.builder().variable(2L * SIZE).build(), 0);

    public Variable() {
      super(POOLS);
    }

    @Actor
    public void one(II_Result r) {
      meet();
      r.r1 = allocate();
    }

    @Actor
    public void two(II_Result r) {
      meet();
      pool.closeNow();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkArena();
    }
  }
}
