package io.cistern.concurrency.blocks;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Two threads claim the last free block: one gets it, the other is refused (invariant 1). *
 *
 * <p>Guard: the compare-and-set of the state word; in small tiers that of the free bits does as
 * well, so both were taken out. Seen to fail without it: {@code 1, 1, 0} (small); {@code 1, 1, 1}
 * (large).
 */
@Outcome(
    id = {"1, 0, 0", "0, 1, 0"},
    expect = Expect.ACCEPTABLE,
    desc = "one owner")
@Outcome(id = "1, 1, .*", expect = Expect.FORBIDDEN, desc = "two owners")
@Outcome(id = "0, 0, .*", expect = Expect.FORBIDDEN, desc = "free, but refused to both")
public abstract class ClaimAgainstClaim extends BlocksRace {
  ClaimAgainstClaim(Brink.Shape shape) {
    super(shape);
  }

  /** Up to 64 blocks, through the word of free bits. */
  @JCStressTest
  @State
  public static class Small extends ClaimAgainstClaim {
    public Small() {
      super(Brink.Shape.small(1));
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
      r.r3 = check(1);
    }
  }

  /** More blocks, through magazines and depot. */
  @JCStressTest
  @State
  public static class Large extends ClaimAgainstClaim {
    public Large() {
      super(Brink.Shape.large(1));
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
      r.r3 = check(1);
    }
  }
}
