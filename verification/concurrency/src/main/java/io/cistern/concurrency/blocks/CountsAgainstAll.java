package io.cistern.concurrency.blocks;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Figures are read while blocks are claimed and released: used is never below 0 or above the
 * capacity, counts never fall, and in the end allocations - frees = used.
 *
 * <p>Guard: in small tiers, that a free bit is put back atomically; in large ones, that the thief
 * counts what it stole, and that used blocks, which are two sums read one after the other, are kept
 * in range. Seen to fail without it: {@code 1, 1, 7} (small); {@code 1, 1, 3} (large); {@code 0, 1,
 * 0} (idle).
 */
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "figures in range, exact at the end")
@Outcome(
    id = {"0, ., .*", "., 0, .*"},
    expect = Expect.FORBIDDEN,
    desc = "a figure out of range")
public abstract class CountsAgainstAll extends BlocksRace {
  CountsAgainstAll(Brink.Shape shape) {
    super(shape);
  }

  final boolean churn() {
    long frees = blocks.counts().frees();
    long allocations = blocks.counts().allocations();
    int index = claim();
    boolean inRange = isUsedInRange();
    boolean released = release(index);
    return released
        && inRange
        && isUsedInRange()
        && blocks.counts().frees() > frees
        && blocks.counts().allocations() > allocations;
  }

  private boolean isUsedInRange() {
    int used = blocks.used();
    return used >= 0 && used <= blocks.capacity();
  }

  /** Up to 64 blocks, through the word of free bits. */
  @JCStressTest
  @State
  public static class Small extends CountsAgainstAll {
    public Small() {
      super(Brink.Shape.small(2));
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = flag(churn());
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = flag(churn());
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = check(0);
    }
  }

  /** More blocks, through magazines and depot. */
  @JCStressTest
  @State
  public static class Large extends CountsAgainstAll {
    public Large() {
      super(Brink.Shape.large(2));
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = flag(churn());
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = flag(churn());
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = check(0);
    }
  }

  /** More blocks, none used before: nothing hides a figure that falls below 0. */
  @JCStressTest
  @State
  public static class Idle extends CountsAgainstAll {
    public Idle() {
      super(new Brink.Shape(0, 65));
    }

    @Actor
    public void one(III_Result r) {
      meet();
      r.r1 = flag(churn());
    }

    @Actor
    public void two(III_Result r) {
      meet();
      r.r2 = flag(churn());
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = check(0);
    }
  }
}
