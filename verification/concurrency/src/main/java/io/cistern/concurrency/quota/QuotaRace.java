package io.cistern.concurrency.quota;

import io.cistern.Quota;
import io.cistern.concurrency.Meeting;

/**
 * The state of a race in a tree of three: a root of {@link #LIMIT} bytes, a node that is guaranteed
 * {@link #GUARANTEED} of them, and one that has no guarantee and no limit of its own.
 */
abstract class QuotaRace extends Meeting {
  static final int LIMIT = 20;
  static final int GUARANTEED = 10;

  final Quota root = Quotas.root(LIMIT);
  final Quota kept = Quotas.child(root, "kept", LIMIT, GUARANTEED);
  final Quota other = Quotas.child(root, "other", Long.MAX_VALUE, 0);

  /** With so much charged before the race. */
  QuotaRace(int keptUsed, int otherUsed) {
    if (charge(kept, keptUsed) + charge(other, otherUsed) < 2) {
      throw new IllegalStateException(keptUsed + " and " + otherUsed);
    }
  }

  /** 1 when it was granted. */
  static int charge(Quota quota, int bytes) {
    return Quotas.charge(quota, bytes) ? 1 : 0;
  }

  /** 1 when less is committed in the root than the guaranteed node needs at least. */
  static int isTooLow(long inRoot, long inKept) {
    return inRoot < Math.max(inKept, GUARANTEED) ? 1 : 0;
  }

  /** Bytes used in the end; -1 when that is beyond the limit, -2 when the figures do not fit. */
  final int check() {
    if (Quotas.findings(root) > 0) {
      return -2;
    }
    return root.usedBytes() > LIMIT ? -1 : (int) root.usedBytes();
  }
}
