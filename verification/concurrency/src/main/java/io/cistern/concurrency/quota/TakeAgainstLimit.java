package io.cistern.concurrency.quota;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * One thread takes what is left, the other lowers the limit to what is taken: one of the two is
 * granted and the other refused.
 *
 * <p>Guard: that what is taken is compared, and the limit put in force, by one compare-and-set.
 * Seen to fail without it: {@code 1, 1, -1}.
 */
@JCStressTest
@Outcome(id = "1, 0, 10", expect = Expect.ACCEPTABLE, desc = "taken, so not lowered")
@Outcome(id = "0, 1, 5", expect = Expect.ACCEPTABLE, desc = "lowered, so not taken")
@Outcome(id = ".*", expect = Expect.FORBIDDEN, desc = "both, or neither")
@State
public class TakeAgainstLimit extends AllowanceRace {
  public TakeAgainstLimit() {
    super(10, 5);
  }

  @Actor
  public void one(III_Result r) {
    meet();
    r.r1 = take(5);
  }

  @Actor
  public void two(III_Result r) {
    meet();
    r.r2 = setLimit(5);
  }

  @Arbiter
  public void after(III_Result r) {
    r.r3 = taken();
  }
}
