package io.cistern.concurrency.blocks;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * One thread frees and claims more blocks than its magazine holds, so that it flushes to the depot
 * and refills from it; another does the same with fewer: the depot stays whole, and no hint is lost
 * (invariant 2).
 *
 * <p>Guard: the lock in a flush. Seen to fail without it: {@code ArrayIndexOutOfBoundsException}
 * (from the depot).
 */
@Outcome(id = "[3-6], 1, 0", expect = Expect.ACCEPTABLE, desc = "no block lost")
@Outcome(id = "., 0, .*", expect = Expect.FORBIDDEN, desc = "a free of an owned block was refused")
@Outcome(id = "[0-2], ., .*", expect = Expect.FORBIDDEN, desc = "refused while blocks were free")
public abstract class FlushAgainstRefill extends BlocksRace {
  private static final int RACING = 6;
  private static final int FEWER = 3;
  private static final int ROUNDS = 4;

  private final int[] owned = new int[RACING];

  FlushAgainstRefill(Brink.Shape shape) {
    super(shape);
    claimUpTo(owned);
  }

  private int claimUpTo(int[] indices) {
    int claimed = 0;
    for (int i = 0; i < indices.length; i++) {
      indices[i] = claim();
      claimed += got(indices[i]);
    }
    return claimed;
  }

  private boolean releaseAll(int[] indices) {
    boolean released = true;
    for (int index : indices) {
      released &= index == NONE || release(index);
    }
    return released;
  }

  /** How many blocks it owns in the end. */
  final int freeAndClaim() {
    int claimed = RACING;
    for (int round = 0; round < ROUNDS; round++) {
      claimed = releaseAll(owned) ? claimUpTo(owned) : 0;
    }
    return claimed;
  }

  /** Owns none in the end: 1 when every free succeeded. */
  final int claimAndFree() {
    int[] few = new int[FEWER];
    boolean released = true;
    for (int round = 0; round < ROUNDS; round++) {
      claimUpTo(few);
      released &= releaseAll(few);
    }
    return flag(released);
  }

  /** More blocks, through magazines and depot. */
  @JCStressTest
  @State
  public static class Large extends FlushAgainstRefill {
    public Large() {
      super(Brink.Shape.large(RACING));
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = freeAndClaim();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = claimAndFree();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = check(r.r1);
    }
  }
}
