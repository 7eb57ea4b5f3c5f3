package io.cistern.concurrency.blocks;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Two threads claim, and two blocks are free: both get one, wherever the blocks lie (invariant 2).
 */
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "a block for each")
@Outcome(
    id = {"1, 0, .*", "0, 1, .*", "0, 0, .*"},
    expect = Expect.FORBIDDEN,
    desc = "refused although a block was free all the time")
public abstract class ClaimsForAll extends BlocksRace {
  ClaimsForAll(Brink.Shape shape) {
    super(shape);
  }

  /** Up to 64 blocks, through the word of free bits. */
  @JCStressTest
  @State
  public static class Small extends ClaimsForAll {
    public Small() {
      super(Brink.Shape.small(2));
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = got(claim());
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = got(claim());
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = check(2);
    }
  }

  /** More blocks, through magazines and depot. */
  @JCStressTest
  @State
  public static class Large extends ClaimsForAll {
    public Large() {
      super(Brink.Shape.large(2));
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = got(claim());
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = got(claim());
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = check(2);
    }
  }
}
