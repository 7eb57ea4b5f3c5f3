package io.cistern;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;

/**
 * How a tier of a governed pool gets more or fewer blocks while it is used. More: what was
 * withdrawn comes back, and an extra region brings the rest. Fewer: free blocks are claimed and
 * kept here, where nobody gets them; an extra region that is here as a whole is given back. The
 * memory of a region with other tiers stays, since it is one piece.
 *
 * <p>If too few are free, those that were claimed come back. Who looked for a block in between and
 * found none waits for the outcome, and looks again ({@link #hasChangedSince}): so nobody is
 * refused because of a change that did not take place.
 *
 * <p>Locks are taken in this order: of those who wait, of fallback memory, this one, of the
 * regions, of the reserve. Listeners are not called under it.
 */
final class Withdrawn {
  private static final System.Logger LOG = System.getLogger("io.cistern");

  private final GovernedPool pool;
  private final Governor governor;
  private final int tiers;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Deque<Long>> handles = new ArrayList<>();

  /** Read by all, written under the lock. */
  private final AtomicReferenceArray<Figures> figures;

  /** Blocks are being claimed, or were given back; even while nothing is under way. */
  private volatile int changes;

  /**
   * Of one tier.
   *
   * @param now blocks that are here
   * @param ever how often one was withdrawn
   * @param returned how often one came back
   */
  record Figures(int now, long ever, long returned) {
    Figures and(int more) {
      return more > 0
          ? new Figures(now + more, ever + more, returned)
          : new Figures(now + more, ever, returned - more);
    }
  }

  Withdrawn(GovernedPool pool, Governor governor, int tiers) {
    this.pool = pool;
    this.governor = governor;
    this.tiers = tiers;
    this.figures = new AtomicReferenceArray<>(tiers);
    for (int tier = 0; tier < tiers; tier++) {
      handles.add(new ArrayDeque<>());
      figures.set(tier, new Figures(0, 0, 0));
    }
  }

  int count(int tier) {
    return figures.get(tier).now;
  }

  Figures figures(int tier) {
    return figures.get(tier);
  }

  /** To be read before a search, and given to {@link #hasChangedSince} after it. */
  int changes() {
    return changes;
  }

  /** Whether blocks were here for a moment that are not now; waits for the outcome. */
  @SuppressWarnings("LockNotBeforeTry") // only waits for whoever holds it
  boolean hasChangedSince(int since) {
    if (since == changes && (since & 1) == 0) {
      return false;
    }
    if (!isChanging()) {
      lock.lock();
      lock.unlock();
    }
    return true;
  }

  /** Whether the calling thread changes counts: listeners are told later. */
  boolean isChanging() {
    return lock.isHeldByCurrentThread();
  }

  void setCount(int tier, int count) {
    if (count < 1) {
      throw new IllegalArgumentException(
          "%d blocks for a tier of pool '%s': must be at least 1".formatted(count, pool.name()));
    }
    lock.lock();
    try {
      pool.checkOpen();
      int more = count - governor.figures.totalBlocks(tier);
      if (more < 0) {
        fewer(tier, -more, count);
      } else if (more > 0) {
        more(tier, more);
      }
    } finally {
      lock.unlock();
    }
  }

  private void more(int tier, int count) {
    int back = Math.min(count, count(tier));
    if (count > back) {
      governor.regions.addExtra(governor.sizes.slabs.get(tier), count - back);
    }
    giveBack(tier, back);
    governor.reserve.change(() -> {}); // follows
  }

  private void fewer(int tier, int count, int asked) {
    long size = blockSize(tier);
    boolean announced = governor.reserve.announce(tier, count * size);
    int taken = announced ? withdraw(tier, count) : 0;
    if (taken < count) {
      throw new IllegalStateException(
          "pool '%s' cannot have %d blocks of %d B now: %d are used%s"
              .formatted(
                  pool.name(),
                  asked,
                  size,
                  governor.figures.usedBlocks(tier),
                  announced ? "" : ", and the reserve must stay whole"));
    }
    removeExtras(tier);
  }

  private long blockSize(int tier) {
    return governor.sizes.slabs.get(tier).blockSize();
  }

  /** Withdraws so many, as announced, or none; how many. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  private int withdraw(int tier, int count) {
    long size = blockSize(tier);
    int taken = 0;
    changes++;
    try {
      while (taken < count && withdrawOne(tier, size)) {
        taken++;
      }
    } finally {
      if (taken < count) {
        giveBack(tier, taken);
        governor.reserve.withdraw(tier, (count - taken) * size);
        changes += 2;
      }
      changes--;
    }
    return taken;
  }

  private boolean withdrawOne(int tier, long size) {
    long handle = governor.regions.claimLast(tier, size);
    if (handle == MemoryPool.NO_HANDLE) {
      return false;
    }
    handles.get(tier).push(handle);
    governor.reserve.change(tier, size, () -> count(tier, 1));
    return true;
  }

  /** Tells the handle of each block that is here; of none while counts are being changed. */
  void forEach(LongConsumer each) {
    if (!lock.tryLock()) {
      return;
    }
    try {
      handles.forEach(tier -> tier.forEach(each::accept));
    } finally {
      lock.unlock();
    }
  }

  private void count(int tier, int more) {
    figures.set(tier, figures.get(tier).and(more));
  }

  /** What comes back is free before it counts; ordinary owners get more of it later. */
  private void giveBack(int tier, int count) {
    for (int i = 0; i < count; i++) {
      free(tier);
      count(tier, -1);
    }
  }

  private void free(int tier) {
    long handle = handles.get(tier).pop();
    Regions.One region = governor.regions.of(handle);
    if (region != null) {
      region.pool.free(handle);
    }
  }

  /** Extra regions have one tier: if all their blocks are here, nobody uses them. */
  private void removeExtras(int tier) {
    for (Regions.One region : governor.regions.list()) {
      if (region.isExtra && region.has(tier)) {
        long here =
            handles.get(tier).stream()
                .filter(handle -> HandleFormat.pool(handle) == region.id)
                .count();
        if (here == region.total(tier)) {
          handles.get(tier).removeIf(handle -> HandleFormat.pool(handle) == region.id);
          governor.regions.removeExtra(region, () -> forget(tier, (int) here));
        }
      }
    }
  }

  /** Blocks are gone that were here: they neither come back nor count as withdrawn. */
  private void forget(int tier, int count) {
    Figures before = figures.get(tier);
    figures.set(tier, new Figures(before.now - count, before.ever, before.returned));
  }

  // --- close ----------------------------------------------------------------------------------

  /**
   * Closes the regions while all that was withdrawn is back in them; if that fails, it is withdrawn
   * again, as far as it is still free.
   */
  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  void whileAllAreBack(Runnable close) {
    lock.lock();
    try {
      int[] before = new int[tiers];
      boolean closed = false;
      changes++;
      try {
        for (int tier = 0; tier < tiers; tier++) {
          before[tier] = count(tier);
          bringBack(tier);
        }
        close.run();
        closed = true;
      } finally {
        for (int tier = 0; tier < tiers && !closed; tier++) {
          withdrawAgain(tier, before[tier] - count(tier));
        }
        changes++;
      }
    } finally {
      lock.unlock();
    }
  }

  /** For a moment only: what ordinary owners may take stays as it is. */
  private void bringBack(int tier) {
    long size = blockSizeOrNone(tier);
    while (count(tier) > 0) {
      free(tier);
      governor.reserve.change(tier, -size, () -> count(tier, -1));
    }
  }

  private long blockSizeOrNone(int tier) {
    return governor.sizes.slabs.isEmpty() ? 0 : blockSize(tier);
  }

  private void withdrawAgain(int tier, int count) {
    long size = blockSizeOrNone(tier);
    int taken = 0;
    while (taken < count && withdrawOne(tier, size)) {
      taken++;
    }
    if (taken < count) {
      governor.reserve.withdraw(tier, (count - taken) * size);
      LOG.log(
          System.Logger.Level.DEBUG,
          "a smaller count was lost: {0} of {1} blocks were taken meanwhile",
          count - taken,
          count);
    }
  }
}
