package io.cistern.concurrency.blocks;

import io.cistern.internal.Blocks;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * One thread frees the only used block while another seals the tier: it is sealed only when the
 * block is free, and free it stays.
 *
 * <p>Guard: that a seal takes free blocks alone. Seen to fail without it: {@code 1, 9, 0} (small);
 * {@code 0, 1, 3} (large).
 */
@Outcome(id = "1, [01], 0", expect = Expect.ACCEPTABLE, desc = "freed, sealed or not")
@Outcome(id = "0, ., .*", expect = Expect.FORBIDDEN, desc = "a free of an owned block was refused")
@Outcome(id = "., 9, .*", expect = Expect.FORBIDDEN, desc = "sealed while the block was owned")
public abstract class SealAgainstRelease extends BlocksRace {

  private final int index;
  private final long word;

  SealAgainstRelease(Brink.Shape shape) {
    super(shape);
    index = claim();
    word = blocks.word(index);
  }

  final int releaseIt() {
    return flag(release(index, word));
  }

  /** 0 when it was not sealed, 1 when it was, and 9 when it was although the block was owned. */
  final int sealAndUnseal() {
    if (!blocks.seal()) {
      return 0;
    }
    boolean owned = Blocks.isOwned(blocks.word(index));
    blocks.unseal();
    return owned ? 9 : 1;
  }

  /** Up to 64 blocks, through the word of free bits. */
  @JCStressTest
  @State
  public static class Small extends SealAgainstRelease {
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
      r.r2 = sealAndUnseal();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = check(0);
    }
  }

  /** More blocks, through magazines and depot. */
  @JCStressTest
  @State
  public static class Large extends SealAgainstRelease {
    public Large() {
      super(new Brink.Shape(0, 65));
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = releaseIt();
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = sealAndUnseal();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = check(0);
    }
  }
}
