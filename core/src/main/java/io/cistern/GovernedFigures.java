package io.cistern;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a {@link GovernedPool} tells of itself: the figures of its regions added up, without what
 * was withdrawn, with what the pool itself counts; and its levels of pressure. Takes no lock of the
 * pool's; exact when nothing is under way.
 */
final class GovernedFigures {
  private final GovernedPool pool;
  private final PoolEvents events;
  private final Governor governor;
  private final GovernedSizes sizes;
  private final Owners owners;
  private final LongAdder[] failed;
  private final LongAdder[] spilledIn;
  private final LongAdder[] spilledOut;
  private final Pressure[] pressures;

  GovernedFigures(
      GovernedPool pool,
      Governor governor,
      GovernedSizes sizes,
      Owners owners,
      MemoryPool.Builder builder) {
    this.pool = pool;
    this.events = pool.events;
    this.governor = governor;
    this.sizes = sizes;
    this.owners = owners;
    this.failed = adders(sizes.tiers);
    this.spilledIn = adders(sizes.tiers);
    this.spilledOut = adders(sizes.tiers);
    this.pressures = new Pressure[sizes.tiers];
    Arrays.setAll(pressures, tier -> new Pressure(builder.lowPercent, builder.criticalPercent));
  }

  private static LongAdder[] adders(int count) {
    LongAdder[] adders = new LongAdder[count];
    Arrays.setAll(adders, i -> new LongAdder());
    return adders;
  }

  void setThresholds(double lowPercent, double criticalPercent) {
    for (Pressure level : pressures) {
      level.set(lowPercent, criticalPercent);
    }
  }

  /** The use of a tier may have changed. */
  void observe(long blockSize) {
    if (!sizes.isVariable() && events.hears(PoolListener.Kind.PRESSURE) && !isSilent()) {
      int tier = sizes.tierFor(blockSize);
      long size = sizes.slabs.get(tier).blockSize();
      events.follow(pressures[tier], size, () -> usedBytes(tier), () -> capacity(tier));
      events.follow(this::usedBytes, this::blockBytes);
    }
  }

  /** Not told by the region's pool, which does so under the lock of its sizes. */
  void observeVariable() {
    if (sizes.isVariable() && events.isLookDue() && !isSilent()) {
      events.follow(this::usedBytes, this::blockBytes);
    }
  }

  /** Whether the calling thread must not call listeners: it does so later. */
  boolean isSilent() {
    return governor.waiters.isServing()
        || governor.withdrawn.isChanging()
        || governor.regions.isShut();
  }

  /** Everything that could not be told under a lock. */
  void observeAll() {
    if (!isSilent()) {
      events.tellUntold();
    }
    observeTiers();
    observeVariable();
  }

  /** The use of any tier may have changed. */
  void observeTiers() {
    if (events.hears(PoolListener.Kind.PRESSURE)) {
      sizes.slabs.forEach(slab -> observe(slab.blockSize()));
    }
  }

  long usedBytes(int tier) {
    long used = 0;
    for (Regions.One region : governor.regions.list()) {
      used += region.usedBytes(tier);
    }
    return sizes.isVariable()
        ? used
        : Math.max(
            0, used - (long) governor.withdrawn.count(tier) * sizes.slabs.get(tier).blockSize());
  }

  long usedBytes() {
    long used = 0;
    for (int tier = 0; tier < sizes.tiers; tier++) {
      used += usedBytes(tier);
    }
    return used;
  }

  /** Bytes in all blocks there are now. */
  long blockBytes() {
    long bytes = 0;
    for (int tier = 0; tier < sizes.tiers; tier++) {
      bytes += capacity(tier);
    }
    return bytes;
  }

  /** Of each tier, the sum of the regions' peaks: blocks, or bytes of a pool of variable size. */
  long[] peaks(Regions.One[] of) {
    long[] peaks = new long[sizes.tiers];
    for (Regions.One region : of) {
      PoolStats stats = region.pool.stats();
      for (int tier = 0; tier < sizes.tiers; tier++) {
        PoolStats.Variable whole = stats.variable();
        PoolStats.Tier here = region.of(stats, tier);
        peaks[tier] += whole != null ? whole.peakUsedBytes() : here != null ? here.peakUsed() : 0;
      }
    }
    return peaks;
  }

  int usedBlocks(int tier) {
    int used = 0;
    if (tier == GovernedSizes.FALLBACK) {
      return governor.fallback == null ? 0 : governor.fallback.live();
    }
    for (Regions.One region : governor.regions.list()) {
      used += region.used(tier);
    }
    return Math.max(0, used - governor.withdrawn.count(tier));
  }

  /** In the regions that the pool has now. */
  int freeBlocks(long size) {
    int tier = sizes.tierFor(size);
    if (tier == GovernedSizes.FALLBACK) {
      return 0;
    }
    if (!sizes.isVariable()) {
      return totalBlocks(tier) - usedBlocks(tier);
    }
    long free = 0;
    for (Regions.One region : governor.regions.list()) {
      free += region.pool.freeBlocks(size);
    }
    return (int) Math.min(Integer.MAX_VALUE, free);
  }

  PoolListener.Exhaustion figures(long size) {
    long largestFree = 0;
    for (Regions.One region : governor.regions.list()) {
      long smallest = sizes.isVariable() ? size : region.pool.blockSize(0);
      largestFree =
          Math.max(
              largestFree,
              region.pool.figures(Math.min(smallest, sizes.maxBlock)).largestFreeBytes());
    }
    int fitting = sizes.tierFor(size);
    long used = usedBytes();
    long total = blockBytes();
    return new PoolListener.Exhaustion(
        pool.name(),
        size,
        fitting == GovernedSizes.FALLBACK ? size : sizes.granted(fitting, size),
        largestFree,
        total - used,
        used,
        total);
  }

  PoolStats stats() {
    Regions.View view = governor.regions.view();
    List<PoolStats> all = new ArrayList<>();
    long metadata = governor.fallback == null ? 0 : governor.fallback.metadataBytes();
    for (Regions.One region : view.list()) {
      all.add(region.pool.stats());
      metadata += region.metadataBytes();
    }
    List<PoolStats.Tier> tierStats = new ArrayList<>();
    for (int tier = 0; tier < sizes.slabs.size(); tier++) {
      tierStats.add(tierStats(tier, view, all));
    }
    return new PoolStats(
        pool.name(),
        tierStats,
        !sizes.isVariable()
            ? null
            : PoolTotals.variable(all, view.past().getFirst(), failed[0].sum()),
        events.refused.sum(),
        events.violations.sum(),
        governor.waiters.length(),
        governor.regions.bytes(),
        metadata + all.stream().mapToLong(PoolStats::metadataBytes).sum(),
        events.pressure(usedBytes(), blockBytes()),
        PoolTotals.timing(all.stream().map(PoolStats::allocateTime).toList()),
        PoolTotals.timing(all.stream().map(PoolStats::freeTime).toList()),
        new PoolStats.Regions(
            view.list().size(), governor.regions.grown(), governor.regions.trimmed()),
        governor.fallback == null ? null : governor.fallback.stats(),
        owners.labelStats(),
        events.checks(all.stream().mapToLong(of -> of.checks().extraBytes()).sum()));
  }

  private PoolStats.Tier tierStats(int tier, Regions.View view, List<PoolStats> all) {
    List<PoolStats.Tier> of = new ArrayList<>();
    for (int region = 0; region < all.size(); region++) {
      PoolStats.Tier stats = view.list().get(region).of(all.get(region), tier);
      if (stats != null) {
        of.add(stats);
      }
    }
    return PoolTotals.tier(
        sizes.slabs.get(tier),
        of,
        view.past().get(tier),
        new PoolTotals.Own(
            failed[tier].sum(),
            spilledIn[tier].sum(),
            spilledOut[tier].sum(),
            governor.withdrawn.figures(tier),
            pressures[tier].peek(usedBytes(tier), capacity(tier))));
  }

  /** Bytes in the blocks of a tier, used or not. */
  long capacity(int tier) {
    long bytes = 0;
    for (Regions.One region : governor.regions.list()) {
      bytes += capacity(region, tier);
    }
    return sizes.isVariable()
        ? bytes
        : bytes - (long) governor.withdrawn.count(tier) * sizes.slabs.get(tier).blockSize();
  }

  long capacity(Regions.One region, int tier) {
    return sizes.isVariable()
        ? region.bytes
        : (long) region.total(tier) * sizes.slabs.get(tier).blockSize();
  }

  /** Blocks of a tier, without those that were governor.withdrawn. */
  int totalBlocks(int tier) {
    int total = -governor.withdrawn.count(tier);
    for (Regions.One region : governor.regions.list()) {
      total += region.total(tier);
    }
    return total;
  }

  LongAdder failedOf(long size) {
    int fitting = sizes.tierFor(size);
    return failed[fitting == GovernedSizes.FALLBACK ? sizes.tiers - 1 : fitting];
  }

  void countSpill(int fitting, int tier, long size, Owner owner) {
    if (tier != fitting) {
      spilledOut[fitting].increment();
      spilledIn[tier].increment();
      events.spilled(
          size,
          sizes.slabs.get(fitting).blockSize(),
          sizes.slabs.get(tier).blockSize(),
          owner.name(),
          isSilent());
    }
  }

  void tellFallback(FallbackBlocks outside, long size, Owner owner) {
    if (events.hears(PoolListener.Kind.FALLBACK)) {
      events.tookFallback(size, outside.stats(), owner.name(), isSilent());
    }
  }

  VerifyReport verify() {
    List<String> findings = new ArrayList<>();
    boolean quiescent = true;
    long blocks = 0;
    for (Regions.One region : governor.regions.list()) {
      VerifyReport of = region.pool.verify();
      findings.addAll(of.findings());
      if (region.pool.care() instanceof Checks checks && !region.pool.isClosed()) {
        checks.verify(region.pool, findings);
      }
      quiescent &= of.quiescent();
      blocks += of.blocks();
    }
    if (governor.fallback != null) {
      governor.fallback.verify(findings);
    }
    if (quiescent) {
      verifyLabels(findings);
    }
    events.tellUntold();
    return new VerifyReport(pool.name(), blocks, quiescent, findings);
  }

  private void verifyLabels(List<String> findings) {
    for (PoolStats.Label label : owners.labelStats()) {
      if (label.liveBlocks() < 0 || label.liveBytes() < 0) {
        findings.add(
            "label '%s': %d blocks of %d B are live"
                .formatted(label.name(), label.liveBlocks(), label.liveBytes()));
      }
    }
  }
}
