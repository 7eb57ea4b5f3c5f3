package io.cistern.concurrency.blocks;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A thread releases what it allocated itself, by plain stores since the block has its mark, while
 * another releases the same allocation: one is told that it did, the other that it did not
 * (invariant 1).
 *
 * <p>Once, for each magazine: after it, its owner releases by compare-and-set. So every race has
 * blocks of its own. Whichever actor builds it is the owner.
 *
 * <p>Guard: that the other takes the mark away before it releases. Seen to fail without it: {@code
 * 1, 1, 3}.
 */
@Outcome(
    id = {"1, 0, 0", "0, 1, 0"},
    expect = Expect.ACCEPTABLE,
    desc = "freed once")
@Outcome(id = "1, 1, .*", expect = Expect.FORBIDDEN, desc = "freed twice")
@Outcome(id = "0, 0, .*", expect = Expect.FORBIDDEN, desc = "not freed")
public abstract class OwnReleaseAgainstRelease extends BlocksRace {
  /** The first leaves the mark on the block, the second has it on its word from begin to end. */
  private static final int REUSES = 2;

  private final int index;
  private final long word;

  OwnReleaseAgainstRelease(Brink.Shape shape) {
    super(Brink.open(shape));
    int own = claim();
    for (int i = 0; i < REUSES; i++) {
      release(own);
      own = claim();
    }
    index = own;
    word = blocks.word(own);
  }

  final int releaseIt() {
    return flag(release(index, word));
  }

  /** More blocks, through magazines and depot. */
  @JCStressTest
  @State
  public static class Large extends OwnReleaseAgainstRelease {
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
