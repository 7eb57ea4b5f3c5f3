package io.cistern.concurrency.quota;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Two siblings, one of them above its guarantee, charge the last byte of their parent: one gets it,
 * the other is refused.
 *
 * <p>Guard: the compare-and-set of a take. Seen to fail without it: {@code 1, 1, -2}.
 */
@JCStressTest
@Outcome(
    id = {"1, 0, 20", "0, 1, 20"},
    expect = Expect.ACCEPTABLE,
    desc = "one gets it")
@Outcome(id = ".*", expect = Expect.FORBIDDEN, desc = "both, or neither")
@State
public class SiblingsForTheLast extends QuotaRace {
  public SiblingsForTheLast() {
    super(12, 7);
  }

  @Actor
  public void one(III_Result r) {
    meet();
    r.r1 = charge(kept, 1);
  }

  @Actor
  public void two(III_Result r) {
    meet();
    r.r2 = charge(other, 1);
  }

  @Arbiter
  public void after(III_Result r) {
    r.r3 = check();
  }
}
