package io.cistern.concurrency.quota;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * The limit is raised and then lowered, by two setters' calls in a row, which puts the slot in
 * force again that a taker may have read before: it is not granted by the limit that stood there.
 *
 * <p>Guard: the look at the count of changes after a take. Seen to fail without it: {@code 1, 1,
 * -1}.
 */
@JCStressTest
@Outcome(id = "1, 0, 8", expect = Expect.ACCEPTABLE, desc = "taken, so not lowered")
@Outcome(id = "0, 1, 0", expect = Expect.ACCEPTABLE, desc = "lowered, so not taken")
@Outcome(id = ".*", expect = Expect.FORBIDDEN, desc = "both, or neither")
@State
public class TakeAgainstTwoLimits extends AllowanceRace {
  public TakeAgainstTwoLimits() {
    super(10, 0);
  }

  @Actor
  public void one(III_Result r) {
    meet();
    r.r1 = take(8);
  }

  @Actor
  public void two(III_Result r) {
    meet();
    setLimit(20);
    r.r2 = setLimit(5);
  }

  @Arbiter
  public void after(III_Result r) {
    r.r3 = taken();
  }
}
