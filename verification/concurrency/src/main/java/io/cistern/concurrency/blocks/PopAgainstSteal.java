package io.cistern.concurrency.blocks;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * An owner pushes a block on its magazine and pops it, while another thread steals it: one gets it
 * (invariant 1), and it is refused to none but the loser (invariant 2).
 *
 * <p>Guard: the compare-and-set of the state word; and that marks are taken from magazines, which
 * write words by plain stores, before they are taken from words. Seen to fail without either:
 * {@code 1, 1, 1}.
 */
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "popped")
@Outcome(id = "0, 1, 0", expect = Expect.ACCEPTABLE, desc = "stolen")
@Outcome(id = "1, 1, .*", expect = Expect.FORBIDDEN, desc = "popped and stolen")
@Outcome(id = "0, 0, .*", expect = Expect.FORBIDDEN, desc = "free, but refused to both")
public abstract class PopAgainstSteal extends BlocksRace {

  private static final int ROUNDS = 8;

  private final int index;

  PopAgainstSteal(Brink.Shape shape) {
    super(shape);
    index = claim();
  }

  /** Again and again, so that the thief comes at every point of it. */
  final int pushAndPop() {
    int owned = index;
    for (int round = 0; round < ROUNDS && owned != NONE; round++) {
      release(owned);
      owned = claim();
    }
    return got(owned);
  }

  /** More blocks, through magazines and depot. */
  @JCStressTest
  @State
  public static class Large extends PopAgainstSteal {
    public Large() {
      super(Brink.Shape.large(1));
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = pushAndPop();
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
