package io.cistern;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Adds up the figures of a governed pool's regions. */
final class PoolTotals {
  private PoolTotals() {}

  /** What was done in one tier of regions that were given back since. */
  record Past(long allocations, long frees, long requested, long granted, long peak) {
    static final Past NONE = new Past(0, 0, 0, 0, 0);

    /** And in one more, if it has the tier; the peak is the sum over the others now. */
    Past and(PoolStats.@Nullable Tier tier, PoolStats.@Nullable Variable of, long peakNow) {
      if (tier != null) {
        return and(tier, peakNow);
      }
      return of == null
          ? this
          : new Past(
              allocations + of.allocations(),
              frees + of.frees(),
              requested + of.requestedBytes(),
              granted + of.grantedBytes(),
              Math.max(peak, peakNow + of.peakUsedBytes()));
    }

    private Past and(PoolStats.Tier of, long peakNow) {
      return new Past(
          allocations + of.allocations(),
          frees + of.frees(),
          requested + of.requestedBytes(),
          granted + of.grantedBytes(),
          Math.max(peak, peakNow + of.peakUsed()));
    }
  }

  /**
   * What the pool itself counts for a tier. Blocks that were withdrawn are allocated in their
   * regions, and freed when they come back: the pool's figures are without these.
   */
  record Own(
      long failed,
      long spilledIn,
      long spilledOut,
      Withdrawn.Figures withdrawn,
      PressureLevel pressure) {}

  static PoolStats.Tier tier(
      TierLayout.Slab slab, List<PoolStats.Tier> regions, Past past, Own own) {
    int total = -own.withdrawn.now();
    int used = -own.withdrawn.now();
    long peak = -own.withdrawn.now();
    long allocations = past.allocations - own.withdrawn.ever();
    long frees = past.frees - own.withdrawn.returned();
    long requested = past.requested - own.withdrawn.ever() * slab.blockSize();
    long granted = past.granted - own.withdrawn.ever() * slab.blockSize();
    for (PoolStats.Tier of : regions) {
      total += of.total();
      used += of.used();
      peak += of.peakUsed();
      allocations += of.allocations();
      frees += of.frees();
      requested += of.requestedBytes();
      granted += of.grantedBytes();
    }
    return new PoolStats.Tier(
        slab.blockSize(),
        slab.label(),
        total,
        total - used,
        used,
        (int) Math.max(Math.max(peak, used), past.peak),
        allocations,
        frees,
        own.failed,
        own.spilledIn,
        own.spilledOut,
        requested,
        granted,
        own.pressure);
  }

  static PoolStats.Variable variable(List<PoolStats> regions, Past past, long failed) {
    List<PoolStats.Variable> all =
        regions.stream().map(region -> Objects.requireNonNull(region.variable())).toList();
    return new PoolStats.Variable(
        all.stream().mapToLong(PoolStats.Variable::totalBytes).sum(),
        all.stream().mapToLong(PoolStats.Variable::usedBytes).sum(),
        all.stream().mapToLong(PoolStats.Variable::freeBytes).sum(),
        all.stream().mapToInt(PoolStats.Variable::usedBlocks).sum(),
        all.stream().mapToInt(PoolStats.Variable::freePieces).sum(),
        all.stream().mapToLong(PoolStats.Variable::largestFreeBytes).max().orElse(0),
        all.stream().mapToLong(PoolStats.Variable::largestAllocatableBytes).max().orElse(0),
        Math.max(past.peak, all.stream().mapToLong(PoolStats.Variable::peakUsedBytes).sum()),
        past.allocations + all.stream().mapToLong(PoolStats.Variable::allocations).sum(),
        past.frees + all.stream().mapToLong(PoolStats.Variable::frees).sum(),
        failed,
        past.requested + all.stream().mapToLong(PoolStats.Variable::requestedBytes).sum(),
        past.granted + all.stream().mapToLong(PoolStats.Variable::grantedBytes).sum(),
        freeBytesFrom(all));
  }

  private static List<Long> freeBytesFrom(List<PoolStats.Variable> all) {
    List<Long> sum = new ArrayList<>();
    for (PoolStats.Variable region : all) {
      for (int power = 0; power < region.freeBytesFrom().size(); power++) {
        if (power == sum.size()) {
          sum.add(0L);
        }
        sum.set(power, sum.get(power) + region.freeBytesFrom().get(power));
      }
    }
    return sum;
  }

  /** Percentiles cannot be added: they are those of the region with the most samples. */
  static PoolStats.Timing timing(List<PoolStats.Timing> all) {
    PoolStats.@Nullable Timing most =
        all.stream().max(Comparator.comparingLong(PoolStats.Timing::samples)).orElse(null);
    if (most == null) {
      return new PoolStats.Timing(0, 0, 0, 0, 0);
    }
    long samples = all.stream().mapToLong(PoolStats.Timing::samples).sum();
    double total = all.stream().mapToDouble(timing -> timing.meanNs() * timing.samples()).sum();
    return new PoolStats.Timing(
        samples,
        samples == 0 ? 0 : total / samples,
        most.p50Ns(),
        most.p99Ns(),
        all.stream().mapToLong(PoolStats.Timing::maxNs).max().orElse(0));
  }
}
