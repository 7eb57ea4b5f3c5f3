package io.cistern.concurrency.quota;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A charge across the border of the guarantee, which may have to be undone because the limit is
 * changed twice meanwhile, and then others have given back what they had on top of it: whatever is
 * undone, the parent is charged exactly what it should be.
 *
 * <p>Guard: that a charge is undone as one that was granted. Seen to fail without it: {@code 1, 0,
 * -2}.
 */
@JCStressTest
@Outcome(id = "1, 0, 7", expect = Expect.ACCEPTABLE, desc = "nothing lost, nothing kept")
@Outcome(id = ".*", expect = Expect.FORBIDDEN, desc = "refused, or miscounted")
@State
public class ChargeAgainstLimits extends QuotaRace {
  public ChargeAgainstLimits() {
    super(10, 0);
  }

  @Actor
  public void one(III_Result r) {
    meet();
    r.r1 = charge(kept, 5);
  }

  @Actor
  public void two(III_Result r) {
    meet();
    Quotas.setLimit(kept, LIMIT + 1);
    Quotas.setLimit(kept, LIMIT + 2);
    Quotas.uncharge(kept, 8);
  }

  @Arbiter
  public void after(III_Result r) {
    r.r3 = check();
  }
}
