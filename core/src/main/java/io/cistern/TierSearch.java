package io.cistern;

import io.cistern.internal.Blocks;
import java.lang.invoke.VarHandle;

/**
 * The slow path of an allocation: the fitting tier had no block at hand. Serves those who wait,
 * then looks into the fitting tier and those that the request may spill to, and refuses only what
 * must be refused.
 *
 * <p><b>One tier</b> says by itself that it was exhausted at some moment ({@link Blocks#search}).
 * <b>Several tiers</b> that are found exhausted one after the other need not have been so together:
 * a block may have been freed in the first while the last was searched. So they are searched again
 * until no release completed in any of them from the first to the last.
 *
 * <p>A pool that is being closed hides its blocks for a moment and may stay open: such a search
 * does not count.
 */
final class TierSearch {
  private static final long NONE = MemoryPool.NO_HANDLE;

  private final Tier[] tiers;
  private final Spill spill;
  private final WaitQueue waiters;
  private final Lifecycle lifecycle;

  TierSearch(Tier[] tiers, Spill spill, WaitQueue waiters, Lifecycle lifecycle) {
    this.tiers = tiers;
    this.spill = spill;
    this.waiters = waiters;
    this.lifecycle = lifecycle;
  }

  /** The largest tier that a request may take. */
  static int lastTier(Spill spill, int fitting, int tiers) {
    return switch (spill) {
      case OFF -> fitting;
      case NEXT -> Math.min(fitting + 1, tiers - 1);
      case ANY -> tiers - 1;
    };
  }

  /** A handle, or NONE when the request is refused or the pool is closed. */
  long claim(int size, int fitting, int tick) {
    int last = lastTier(spill, fitting, tiers.length);
    while (true) {
      int closings = lifecycle.closings();
      long claimed = search(size, fitting, last, tick);
      if (claimed == NONE && last != fitting) {
        claimed = searchAtOnce(size, fitting, last, tick);
      }
      if (claimed != NONE || lifecycle.wasOpenSince(closings) || lifecycle.isClosed()) {
        return claimed;
      }
      lifecycle.awaitOutcome();
    }
  }

  private long search(int size, int fitting, int last, int tick) {
    for (int tier = fitting; tier <= last; tier++) {
      long handle = claimFrom(tier, size, tick);
      if (handle != NONE) {
        tiers[tier].countSpillFrom(tiers[fitting], size, false);
        return handle;
      }
    }
    return NONE;
  }

  /**
   * While somebody waits for a tier, its free blocks are theirs; if they go without, so does the
   * newcomer.
   */
  private long claimFrom(int tier, int size, int tick) {
    Blocks blocks = tiers[tier].blocks;
    while (blocks.isWanted()) {
      long exhausted = waiters.serve();
      if ((exhausted >>> tier & 1) != 0) {
        return NONE;
      }
    }
    return blocks.claimSlow(size, tick);
  }

  private long searchAtOnce(int size, int fitting, int last, int tick) {
    long claimed;
    long released;
    do {
      released = releases(fitting, last);
      claimed = search(size, fitting, last, tick);
    } while (claimed == NONE && released != releases(fitting, last));
    return claimed;
  }

  long releases(int from, int to) {
    VarHandle.acquireFence(); // after what was searched before
    long releases = 0;
    for (int tier = from; tier <= to; tier++) {
      releases += tiers[tier].blocks.releases();
    }
    VarHandle.acquireFence(); // before what is searched next
    return releases;
  }
}
