package io.cistern;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How a tier of a governed pool gets more or fewer blocks while it is used. More: what was
 * withdrawn comes back, and an extra region brings the rest. Fewer: free blocks are claimed and
 * kept here, where nobody gets them; an extra region that is here as a whole is given back. The
 * memory of a region with other tiers stays, since it is one piece.
 */
final class Withdrawn {
  private static final System.Logger LOG = System.getLogger("io.cistern");

  private final GovernedPool pool;
  private final Governor governor;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Deque<Long>> handles = new ArrayList<>();
  private final Figures[] figures;
  private final int[] atClose;

  /**
   * Of one tier.
   *
   * @param now blocks that are here
   * @param ever how often one was withdrawn
   * @param returned how often one came back
   */
  record Figures(int now, long ever, long returned) {}

  Withdrawn(GovernedPool pool, Governor governor, int tiers) {
    this.pool = pool;
    this.governor = governor;
    this.figures = new Figures[tiers];
    this.atClose = new int[tiers];
    Arrays.fill(figures, new Figures(0, 0, 0));
    for (int tier = 0; tier < tiers; tier++) {
      handles.add(new ArrayDeque<>());
    }
  }

  int count(int tier) {
    return figures(tier).now;
  }

  Figures figures(int tier) {
    lock.lock();
    try {
      return figures[tier];
    } finally {
      lock.unlock();
    }
  }

  void setCount(int tier, int count) {
    if (count < 1) {
      throw new IllegalArgumentException(
          "%d blocks for a tier of pool '%s': must be at least 1".formatted(count, pool.name()));
    }
    lock.lock();
    try {
      int more = count - governor.totalBlocks(tier);
      if (more < 0) {
        withdraw(tier, -more);
      } else if (more > 0) {
        int back = Math.min(more, figures[tier].now);
        if (more > back) {
          governor.regions.addExtra(governor.slabs.get(tier), more - back);
        }
        giveBack(tier, back);
      }
    } finally {
      lock.unlock();
    }
    governor.resized();
  }

  private void withdraw(int tier, int count) {
    long size = governor.slabs.get(tier).blockSize();
    Deque<Long> taken = new ArrayDeque<>();
    boolean lowered = governor.lowerOrdinary(tier, count * size);
    while (lowered && taken.size() < count) {
      long handle = governor.regions.claimLast(tier, size);
      if (handle == MemoryPool.NO_HANDLE) {
        break;
      }
      taken.push(handle);
    }
    if (taken.size() < count) {
      taken.forEach(this::release);
      figures[tier] =
          new Figures(
              figures[tier].now,
              figures[tier].ever + taken.size(),
              figures[tier].returned + taken.size());
      throw new IllegalStateException(
          "pool '%s' cannot have %d blocks of %d B now: %d are used%s"
              .formatted(
                  pool.name(),
                  governor.totalBlocks(tier) - count,
                  size,
                  governor.usedBlocks(tier),
                  lowered ? "" : ", and the reserve must stay whole"));
    }
    taken.forEach(handles.get(tier)::push);
    figures[tier] =
        new Figures(figures[tier].now + count, figures[tier].ever + count, figures[tier].returned);
    removeExtras(tier);
  }

  private void release(long handle) {
    Regions.One region = governor.regions.of(handle);
    if (region != null) {
      region.pool.free(handle);
    }
  }

  private void giveBack(int tier, int count) {
    for (int i = 0; i < count; i++) {
      release(handles.get(tier).pop());
    }
    Figures before = figures[tier];
    figures[tier] = new Figures(before.now - count, before.ever, before.returned + count);
  }

  /** Extra regions have one tier: if all their blocks are here, nobody uses them. */
  private void removeExtras(int tier) {
    for (Regions.One region : governor.regions.list()) {
      if (region.isExtra && region.has(tier)) {
        List<Long> here =
            handles.get(tier).stream()
                .filter(handle -> HandleFormat.pool(handle) == region.id)
                .toList();
        if (here.size() == region.total(tier)) {
          handles.get(tier).removeAll(here);
          Figures before = figures[tier];
          figures[tier] = new Figures(before.now - here.size(), before.ever, before.returned);
          governor.regions.removeExtra(region);
        }
      }
    }
  }

  /** Brings everything back, so that the regions can be closed. */
  void beforeClose() {
    lock.lock();
    try {
      for (int tier = 0; tier < figures.length; tier++) {
        atClose[tier] = figures[tier].now;
        giveBack(tier, figures[tier].now);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Withdraws again what came back, as far as it is still free. */
  void stillOpen() {
    lock.lock();
    try {
      for (int tier = 0; tier < figures.length; tier++) {
        if (atClose[tier] > 0) {
          int free = governor.totalBlocks(tier) - governor.usedBlocks(tier);
          withdraw(tier, Math.min(atClose[tier], free));
        }
      }
    } catch (IllegalStateException usedMeanwhile) {
      LOG.log(System.Logger.Level.DEBUG, "a smaller count was lost", usedMeanwhile);
    } finally {
      lock.unlock();
    }
  }
}
