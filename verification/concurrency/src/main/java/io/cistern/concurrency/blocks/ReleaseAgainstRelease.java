package io.cistern.concurrency.blocks;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Two threads release one allocation: one is told that it did, the other that it did not (invariant
 * 1).
 *
 * <p>Guard: the compare-and-set of a release. Seen to fail without it: {@code 1, 1, 0} (small);
 * {@code 1, 1, 3} (large).
 */
@Outcome(
    id = {"1, 0, 0", "0, 1, 0"},
    expect = Expect.ACCEPTABLE,
    desc = "freed once")
@Outcome(id = "1, 1, .*", expect = Expect.FORBIDDEN, desc = "freed twice")
@Outcome(id = "0, 0, .*", expect = Expect.FORBIDDEN, desc = "not freed")
public abstract class ReleaseAgainstRelease extends BlocksRace {

  private final int index;
  private final long word;

  ReleaseAgainstRelease(Brink.Shape shape) {
    super(shape);
    index = claim();
    word = blocks.word(index);
  }

  final int releaseIt() {
    return flag(release(index, word));
  }

  /** Up to 64 blocks, through the word of free bits. */
  @JCStressTest
  @State
  public static class Small extends ReleaseAgainstRelease {
    public Small() {
      super(Brink.Shape.small(1));
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = releaseIt();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = releaseIt();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = check(0);
    }
  }

  /** More blocks, through magazines and depot. */
  @JCStressTest
  @State
  public static class Large extends ReleaseAgainstRelease {
    public Large() {
      super(Brink.Shape.large(1));
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = releaseIt();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = releaseIt();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = check(0);
    }
  }
}
