package io.cistern.concurrency.quota;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Two threads take the last one: one gets it, the other is refused.
 *
 * <p>Guard: the compare-and-set of a take. Seen to fail without it: {@code 1, 1, 10}.
 */
@JCStressTest
@Outcome(
    id = {"1, 0, 10", "0, 1, 10"},
    expect = Expect.ACCEPTABLE,
    desc = "one gets it")
@Outcome(id = ".*", expect = Expect.FORBIDDEN, desc = "both, or neither")
@State
public class TakeAgainstTake extends AllowanceRace {
  public TakeAgainstTake() {
    super(10, 9);
  }

  @Actor
  public void one(III_Result r) {
    meet();
    r.r1 = take(1);
  }

  @Actor
  public void two(III_Result r) {
    meet();
    r.r2 = take(1);
  }

  @Arbiter
  public void after(III_Result r) {
    r.r3 = taken();
  }
}
