package io.cistern.concurrency.lock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Two threads count with plain counters under one lock, while its bias is given, taken away and
 * given again: no count is lost, so there is never more than one inside.
 *
 * <p>Guard: the barrier. Seen to fail without it: {@code 6, 6} and {@code 8, 7}. Not seen here: the
 * biased thread's second look at its turn, since compiled code does not stop between the first one
 * and its mark; and the wait for who is inside, since the handshake takes longer than that stays (a
 * unit test of core shows it).
 */
@Outcome(id = "8, 8", expect = Expect.ACCEPTABLE, desc = "one after the other")
@Outcome(id = ".*", expect = Expect.FORBIDDEN, desc = "both were inside")
public abstract class LockAgainstLock extends LockRace {
  static final int TIMES = 4;

  LockAgainstLock() {
    super(null);
  }

  final void counted(II_Result r) {
    r.r1 = first;
    r.r2 = second;
  }

  /** The bias is taken away once. */
  @JCStressTest
  @State
  public static class Once extends LockAgainstLock {
    @Actor
    public void one() {
      meet();
      count(TIMES);
    }

    @Actor
    public void two() {
      meet();
      count(TIMES);
    }

    @Arbiter
    public void after(II_Result r) {
      counted(r);
    }
  }

  /** Whoever takes it away lets it be given again. */
  @JCStressTest
  @State
  public static class AgainAndAgain extends LockAgainstLock {
    @Actor
    public void one() {
      meet();
      countAndGiveBack(TIMES);
    }

    @Actor
    public void two() {
      meet();
      countAndGiveBack(TIMES);
    }

    @Arbiter
    public void after(II_Result r) {
      counted(r);
    }
  }
}
