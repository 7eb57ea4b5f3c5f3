package io.cistern.concurrency.blocks;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Two threads claim four blocks each, and eight are free: they get all of them, wherever the blocks
 * lie and however often one loses a block to the other (invariant 2).
 *
 * <p>Guard: in small tiers, that a claim which loses its bit to another looks again; in large ones,
 * the search in other threads' magazines. Seen to fail without it: {@code 3, 4, 6} (small); {@code
 * 0, 1, 2} (large, when it was one block each).
 */
@Outcome(id = "4, 4, 0", expect = Expect.ACCEPTABLE, desc = "all for both")
@Outcome(
    id = {"[0-3], ., .*", "., [0-3], .*"},
    expect = Expect.FORBIDDEN,
    desc = "refused although a block was free all the time")
public abstract class ClaimsForAll extends BlocksRace {
  private static final int EACH = 4;

  ClaimsForAll(Brink.Shape shape) {
    super(shape);
  }

  final int claimEach() {
    int claimed = 0;
    for (int i = 0; i < EACH; i++) {
      claimed += got(claim());
    }
    return claimed;
  }

  /** Up to 64 blocks, through the word of free bits. */
  @JCStressTest
  @State
  public static class Small extends ClaimsForAll {
    public Small() {
      super(Brink.Shape.small(2 * EACH));
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = claimEach();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = claimEach();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = check(2 * EACH);
    }
  }

  /** More blocks, through magazines and depot. */
  @JCStressTest
  @State
  public static class Large extends ClaimsForAll {
    public Large() {
      super(Brink.Shape.large(2 * EACH));
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = claimEach();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = claimEach();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = check(2 * EACH);
    }
  }
}
