package io.cistern.concurrency.quota;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * One node takes its guarantee, the other all that is left, and then tries for more: the first gets
 * what it is guaranteed, and the second the rest and no more.
 *
 * <p>Guard: that a guarantee is charged to the parent when the node is made. Seen to fail without
 * it: {@code 1, 12, -2}.
 */
@JCStressTest
@Outcome(id = "1, 10, 20", expect = Expect.ACCEPTABLE, desc = "each its part")
@Outcome(id = ".*", expect = Expect.FORBIDDEN, desc = "refused, or too much")
@State
public class GuaranteeAgainstAll extends QuotaRace {
  public GuaranteeAgainstAll() {
    super(0, 0);
  }

  @Actor
  public void one(III_Result r) {
    meet();
    r.r1 = charge(kept, GUARANTEED);
  }

  @Actor
  public void two(III_Result r) {
    meet();
    r.r2 = (charge(other, 11) * 11) + (charge(other, 10) * 10) + charge(other, 1);
  }

  @Arbiter
  public void after(III_Result r) {
    r.r3 = check();
  }
}
