package io.cistern.concurrency.quota;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A charge is given back across the border of the guarantee while another thread looks, first at
 * the parent and then at the node: the parent is never charged less than the node needs.
 *
 * <p>Guard: that the parent is given back after the node. Seen to fail without it: {@code 0, 1, 8}.
 */
@JCStressTest
@Outcome(id = "0, 0, 8", expect = Expect.ACCEPTABLE, desc = "at least as much")
@Outcome(id = ".*", expect = Expect.FORBIDDEN, desc = "less, for a moment")
@State
public class LookAgainstUncharge extends QuotaRace {
  public LookAgainstUncharge() {
    super(15, 0);
  }

  @Actor
  public void one(III_Result r) {
    meet();
    Quotas.uncharge(kept, 7);
  }

  @Actor
  public void two(III_Result r) {
    meet();
    long inRoot = Quotas.committed(root);
    r.r2 = isTooLow(inRoot, Quotas.committed(kept));
  }

  @Arbiter
  public void after(III_Result r) {
    r.r3 = check();
  }
}
