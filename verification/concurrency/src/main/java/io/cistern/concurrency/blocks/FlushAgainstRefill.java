package io.cistern.concurrency.blocks;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * One thread frees more blocks than its magazine holds, so that it flushes half of them to the
 * depot; another claims and refills from there: the depot stays whole, and no hint is lost
 * (invariant 2).
 */
@Outcome(id = "6, [0-3], 0", expect = Expect.ACCEPTABLE, desc = "all freed, some claimed")
@Outcome(
    id = "[0-5], ., .*",
    expect = Expect.FORBIDDEN,
    desc = "a free of an owned block was refused")
public abstract class FlushAgainstRefill extends BlocksRace {

  private final int[] owned = new int[6];

  FlushAgainstRefill(Brink.Shape shape) {
    super(shape);
    for (int i = 0; i < owned.length; i++) {
      owned[i] = claim();
    }
  }

  final int releaseAll() {
    int released = 0;
    for (int index : owned) {
      released += flag(release(index));
    }
    return released;
  }

  final int claimSome() {
    return got(claim()) + got(claim()) + got(claim());
  }

  /** More blocks, through magazines and depot. */
  @JCStressTest
  @State
  public static class Large extends FlushAgainstRefill {
    public Large() {
      super(Brink.Shape.large(6));
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = releaseAll();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = claimSome();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = check(r.r2);
    }
  }
}
