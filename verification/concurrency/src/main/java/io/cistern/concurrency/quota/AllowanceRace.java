package io.cistern.concurrency.quota;

import io.cistern.concurrency.Meeting;
import io.cistern.internal.Allowance;

/** The state of a race for one amount that is limited. */
abstract class AllowanceRace extends Meeting {
  final Allowance allowance;

  /** With a limit, and so much taken before the race. */
  AllowanceRace(long limit, long taken) {
    allowance = new Allowance(limit);
    if (!allowance.tryTake(taken)) {
      throw new IllegalStateException(taken + " of " + limit);
    }
  }

  /** 1 when it was granted. */
  final int take(long n) {
    return flag(allowance.tryTake(n));
  }

  /** 1 when it was set. */
  final int setLimit(long limit) {
    return flag(allowance.trySetLimit(limit));
  }

  /** What is taken in the end; -1 when that is beyond the limit. */
  final int taken() {
    long taken = allowance.taken();
    return taken > allowance.limit() ? -1 : (int) taken;
  }

  private static int flag(boolean value) {
    return value ? 1 : 0;
  }
}
