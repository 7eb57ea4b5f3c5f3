package io.cistern.concurrency.quota;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A node gives back bytes above and below its guarantee, and the other takes what it can get: that
 * is only what was above.
 *
 * <p>Guard: that the parent is given back only what was beyond the guarantee. Seen to fail without
 * it: {@code 0, 0, -2}.
 */
@JCStressTest
@Outcome(
    id = {"0, 0, 4", "0, 1, 10"},
    expect = Expect.ACCEPTABLE,
    desc = "nothing, or what was above")
@Outcome(id = ".*", expect = Expect.FORBIDDEN, desc = "what is kept was taken")
@State
public class GuaranteeGivenBackAgainstAll extends QuotaRace {
  public GuaranteeGivenBackAgainstAll() {
    super(15, 4);
  }

  @Actor
  public void one(III_Result r) {
    meet();
    Quotas.uncharge(kept, 15);
  }

  @Actor
  public void two(III_Result r) {
    meet();
    r.r2 = charge(other, 6) + (charge(other, 7) * 7);
  }

  @Arbiter
  public void after(III_Result r) {
    r.r3 = check();
  }
}
