package io.cistern.concurrency.quota;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A charge goes up across the border of the guarantee while another thread looks, first at the node
 * and then at its parent: the parent is never charged less than the node needs.
 *
 * <p>Guard: that the parent is charged before the node. Seen to fail without it: {@code 1, 1, 15}.
 */
@JCStressTest
@Outcome(id = "1, 0, 15", expect = Expect.ACCEPTABLE, desc = "at least as much")
@Outcome(id = ".*", expect = Expect.FORBIDDEN, desc = "less, for a moment")
@State
public class LookAgainstCharge extends QuotaRace {
  public LookAgainstCharge() {
    super(8, 0);
  }

  @Actor
  public void one(III_Result r) {
    meet();
    r.r1 = charge(kept, 7);
  }

  @Actor
  public void two(III_Result r) {
    meet();
    long inKept = Quotas.committed(kept);
    r.r2 = isTooLow(Quotas.committed(root), inKept);
  }

  @Arbiter
  public void after(III_Result r) {
    r.r3 = check();
  }
}
