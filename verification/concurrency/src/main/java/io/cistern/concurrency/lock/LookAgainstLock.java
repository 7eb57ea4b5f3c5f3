package io.cistern.concurrency.lock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * One thread counts with both counters under the lock, the other looks at them without it: a look
 * that is said to be of one moment shows both counters alike.
 *
 * <p>Guard: that the stamp is odd while somebody is inside. Seen to fail without it: {@code 1}.
 */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "alike, or thrown away")
@Outcome(id = "1", expect = Expect.FORBIDDEN, desc = "torn, and accepted")
@State
public class LookAgainstLock extends LockRace {
  private static final int TIMES = 20;

  public LookAgainstLock() {
    super(null);
  }

  @Actor
  public void one() {
    meet();
    count(TIMES);
  }

  @Actor
  public void two(I_Result r) {
    meet();
    for (int i = 0; i < TIMES; i++) {
      long stamp = lock.beginLook();
      int early = first;
      int late = second;
      if (lock.isUnchanged(stamp) && early != late) {
        r.r1 = 1;
      }
    }
  }
}
