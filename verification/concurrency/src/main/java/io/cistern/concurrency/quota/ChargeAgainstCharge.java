package io.cistern.concurrency.quota;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * In one node, two charges that only together go beyond the guarantee: the parent is charged what
 * goes beyond it.
 *
 * <p>Guard: that a charge is added to what was seen when the parent was charged. Seen to fail
 * without it: {@code 1, 1, -2}.
 */
@JCStressTest
@Outcome(id = "1, 1, 13", expect = Expect.ACCEPTABLE, desc = "3 bytes beyond")
@Outcome(id = ".*", expect = Expect.FORBIDDEN, desc = "refused, or miscounted")
@State
public class ChargeAgainstCharge extends QuotaRace {
  public ChargeAgainstCharge() {
    super(5, 0);
  }

  @Actor
  public void one(III_Result r) {
    meet();
    r.r1 = charge(kept, 4);
  }

  @Actor
  public void two(III_Result r) {
    meet();
    r.r2 = charge(kept, 4);
  }

  @Arbiter
  public void after(III_Result r) {
    r.r3 = check();
  }
}
