package io.cistern.concurrency.blocks;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * What an owner wrote before it freed a block is what the next owner of that block reads. *
 *
 * <p>Guard: in small tiers, that the word is released before its bit; in large ones, that only free
 * blocks are claimed. Seen to fail without it: {@code -1, 7} (small); {@code 0, 5} (large).
 */
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "reused, and the data is there")
@Outcome(id = "-1, 0", expect = Expect.ACCEPTABLE, desc = "not freed yet")
@Outcome(id = "0, .*", expect = Expect.FORBIDDEN, desc = "the next owner reads old data")
public abstract class Publication extends BlocksRace {

  private final int index;
  private final long word;
  private int data;
  private int owned;

  Publication(Brink.Shape shape) {
    super(shape);
    index = claim();
    word = blocks.word(index);
  }

  final void writeAndFree() {
    data = 1;
    release(index, word);
  }

  final int readAsNextOwner() {
    owned = got(claim());
    return owned == 1 ? data : -1;
  }

  final int checkOwned() {
    return check(owned);
  }

  /** Up to 64 blocks, through the word of free bits. */
  @JCStressTest
  @State
  public static class Small extends Publication {
    public Small() {
      super(Brink.Shape.small(1));
    }

    @Actor
    public void one(II_Result r) {
      meet();
      writeAndFree();
    }

    @Actor
    public void two(II_Result r) {
      meet();
      r.r1 = readAsNextOwner();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkOwned();
    }
  }

  /** More blocks, through magazines and depot. */
  @JCStressTest
  @State
  public static class Large extends Publication {
    public Large() {
      super(Brink.Shape.large(1));
    }

    @Actor
    public void one(II_Result r) {
      meet();
      writeAndFree();
    }

    @Actor
    public void two(II_Result r) {
      meet();
      r.r1 = readAsNextOwner();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r2 = checkOwned();
    }
  }
}
