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
 * the hints that unsealing puts back. Seen to fail without it: {@code 1, 1, 3} (small); {@code 1,
 * 1, 5} (large); {@code 0, 1, 5} (large, hints).
 */
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "claimed, so not sealed")
@Outcome(id = "0, 1, 0", expect = Expect.ACCEPTABLE, desc = "refused while sealed")
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "claimed before or after")
@Outcome(id = "0, 0, .*", expect = Expect.FORBIDDEN, desc = "neither")
public abstract class SealAgainstClaim extends BlocksRace {
  SealAgainstClaim(Brink.Shape shape) {
    super(shape);
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
}
