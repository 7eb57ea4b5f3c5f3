package io.cistern.concurrency.quota;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * In one node, a charge goes up across the border of the guarantee while another goes down across
 * it: afterwards the parent is charged exactly the guarantee.
 *
 * <p>Guard: that a charge is added to what was seen when the parent was charged. Seen to fail
 * without it: {@code 1, 0, -2}.
 */
@JCStressTest
@Outcome(id = "1, 0, 9", expect = Expect.ACCEPTABLE, desc = "nothing lost, nothing kept")
@Outcome(id = ".*", expect = Expect.FORBIDDEN, desc = "refused, or miscounted")
@State
public class ChargeAgainstUncharge extends QuotaRace {
  public ChargeAgainstUncharge() {
    super(8, 0);
  }

  @Actor
  public void one(III_Result r) {
    meet();
    r.r1 = charge(kept, 5);
  }

  @Actor
  public void two(III_Result r) {
    meet();
    Quotas.uncharge(kept, 4);
  }

  @Arbiter
  public void after(III_Result r) {
    r.r3 = check();
  }
}
