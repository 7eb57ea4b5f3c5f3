package io.cistern.concurrency.quota;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * One thread takes what fits, the other asks for a limit below what is taken already: the limit is
 * refused, and nobody is refused because of it.
 *
 * <p>Guard: that a limit is written where it is not yet in force. Seen to fail without it: {@code
 * 0, 0, 5}.
 */
@JCStressTest
@Outcome(id = "1, 0, 10", expect = Expect.ACCEPTABLE, desc = "as if it had not been asked for")
@Outcome(id = ".*", expect = Expect.FORBIDDEN, desc = "refused by a limit that never was")
@State
public class RefusedLimitAgainstTake extends AllowanceRace {
  public RefusedLimitAgainstTake() {
    super(10, 5);
  }

  @Actor
  public void one(III_Result r) {
    meet();
    r.r1 = take(5);
  }

  @Actor
  public void two(III_Result r) {
    meet();
    r.r2 = setLimit(4);
  }

  @Arbiter
  public void after(III_Result r) {
    r.r3 = taken();
  }
}
