package io.cistern.concurrency.blocks;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/**
 * An allocation is released twice, and its block is handed out again between the two or during
 * them: one release succeeds, and the new owner keeps its block (invariant 1).
 *
 * <p>Guard: that a release expects its own allocation's word, not the present one. Seen to fail
 * without it: {@code 1, 1, 1, 6} (small and large).
 */
@Outcome(
    id = "1, 1, 0, 0",
    expect = Expect.ACCEPTABLE,
    desc = "freed by its owner, reused, the other release refused")
@Outcome(
    id = {"0, 0, 1, 0", "0, 1, 1, 0"},
    expect = Expect.ACCEPTABLE,
    desc = "freed by the other, which the owner is told")
@Outcome(id = "1, ., 1, .*", expect = Expect.FORBIDDEN, desc = "freed twice")
@Outcome(id = "0, ., 0, .*", expect = Expect.FORBIDDEN, desc = "not freed")
@Outcome(id = "1, 0, 0, .*", expect = Expect.FORBIDDEN, desc = "refused although freed before")
public abstract class StaleReleaseAgainstReuse extends BlocksRace {

  private final int index;
  private final long word;
  private int reused = NONE;
  private long reusedWord;

  StaleReleaseAgainstReuse(Brink.Shape shape) {
    super(shape);
    index = claim();
    word = blocks.word(index);
  }

  final int releaseIt() {
    return flag(release(index, word));
  }

  final int reuse() {
    reused = claim();
    reusedWord = reused == NONE ? 0 : blocks.word(reused);
    return got(reused);
  }

  /** As {@link #check}, plus 8 when the new owner's block was taken from it. */
  final int checkReused() {
    boolean taken = reused != NONE && blocks.word(reused) != reusedWord;
    return (taken ? 8 : 0) + check(got(reused));
  }

  /** Up to 64 blocks, through the word of free bits. */
  @JCStressTest
  @State
  public static class Small extends StaleReleaseAgainstReuse {
    public Small() {
      super(Brink.Shape.small(1));
    }

    @Actor
    public void one(IIII_Result r) {
      meet();
      r.r1 = releaseIt();
      r.r2 = reuse();
    }

    @Actor
    public void two(IIII_Result r) {
      meet();
      r.r3 = releaseIt();
    }

    @Arbiter
    public void after(IIII_Result r) {
      r.r4 = checkReused();
    }
  }

  /** More blocks, through magazines and depot. */
  @JCStressTest
  @State
  public static class Large extends StaleReleaseAgainstReuse {
    public Large() {
      super(Brink.Shape.large(1));
    }

    @Actor
    public void one(IIII_Result r) {
      meet();
      r.r1 = releaseIt();
      r.r2 = reuse();
    }

    @Actor
    public void two(IIII_Result r) {
      meet();
      r.r3 = releaseIt();
    }

    @Arbiter
    public void after(IIII_Result r) {
      r.r4 = checkReused();
    }
  }
}
