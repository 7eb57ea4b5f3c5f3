package io.cistern.concurrency.quota;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * One thread gives back, the other takes what fits in any case: nothing is lost from the count.
 *
 * <p>Guard: the compare-and-set of giving back. Seen to fail without it: {@code 1, 3}.
 */
@JCStressTest
@Outcome(id = "1, 5", expect = Expect.ACCEPTABLE, desc = "as much as before")
@Outcome(id = ".*", expect = Expect.FORBIDDEN, desc = "refused, or miscounted")
@State
public class GiveBackAgainstTake extends AllowanceRace {
  public GiveBackAgainstTake() {
    super(10, 5);
  }

  @Actor
  public void one() {
    meet();
    allowance.giveBack(2);
  }

  @Actor
  public void two(II_Result r) {
    meet();
    r.r1 = take(2);
  }

  @Arbiter
  public void after(II_Result r) {
    r.r2 = taken();
  }
}
