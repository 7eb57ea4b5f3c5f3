package io.cistern.concurrency.blocks;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * One thread claims while another seals and unseals the tier, as closing does: never both own a
 * block, and a seal that was undone leaves every block to be claimed.
 *
 * <p>Guard: the compare-and-set of a seal, of the free bits or of each word; in large tiers also
 * that marks are taken away before, and the hints that unsealing puts back. Seen to fail without
 * it: {@code 1, 1, 3} (small); {@code 1, 1, 5} (large); {@code 0, 1, 5} (large, hints); {@code 1,
 * 1, 1} (marked).
 */
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "claimed, so not sealed")
@Outcome(id = "0, 1, 0", expect = Expect.ACCEPTABLE, desc = "refused while sealed")
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "claimed before or after")
@Outcome(id = "0, 0, .*", expect = Expect.FORBIDDEN, desc = "neither")
@Outcome(id = "9, ., .*", expect = Expect.FORBIDDEN, desc = "freed by the seal, not by its owner")
public abstract class SealAgainstClaim extends BlocksRace {
  private static final int ROUNDS = 16;
  private static final int LOST = 9;

  SealAgainstClaim(Brink.Shape shape) {
    super(shape);
  }

  /**
   * Again and again the block that the caller has marked, so that the seal comes at every point of
   * it; at last it owns one, since every seal is undone.
   */
  final int claimAgain() {
    int owned = claim();
    for (int round = 0; round < ROUNDS || owned == NONE; round++) {
      if (owned != NONE && !release(owned)) {
        return LOST;
      }
      owned = claim();
    }
    return got(owned);
  }

  final int sealAndUnseal() {
    boolean sealed = blocks.seal();
    if (sealed) {
      blocks.unseal();
    }
    return flag(sealed);
  }

  /** Up to 64 blocks, through the word of free bits. */
  @JCStressTest
  @State
  public static class Small extends SealAgainstClaim {
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
      r.r2 = sealAndUnseal();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = check(r.r1);
    }
  }

  /** More blocks, through magazines and depot. */
  @JCStressTest
  @State
  public static class Large extends SealAgainstClaim {
    public Large() {
      super(new Brink.Shape(0, 65));
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = got(claim());
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = sealAndUnseal();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = check(r.r1);
    }
  }

  /** More blocks, and the one that is claimed has the mark of the thread that claims it. */
  @JCStressTest
  @State
  public static class Marked extends SealAgainstClaim {
    public Marked() {
      super(new Brink.Shape(0, 65));
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = claimAgain();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = sealAndUnseal();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = check(r.r1);
    }
  }
}
