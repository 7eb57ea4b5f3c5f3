package io.cistern;

import io.cistern.internal.Blocks;
import io.cistern.internal.CoarseClock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.PriorityQueue;

/** Writes a pool's state for people to read. */
final class PoolDump {
  /** Where to look, behind a refusal to close. */
  static final String WHO = "; report(Duration.ZERO) says who allocated them";

  private static final int OLDEST = 10;
  private static final int SITES = 5;
  private static final int BAR = 20;
  private static final int UNUSABLE_FROM = 64;
  private static final int UNUSABLE_STEP = 8;

  private final StringBuilder out = new StringBuilder();

  private PoolDump() {}

  /** A live block as it was found on a walk. */
  private record Live(long handle, int size, String of, long ageMillis) {
    @Override
    public String toString() {
      return "0x%016x  %,9d B%s  %,9.2f s".formatted(handle, size, of, ageMillis / 1000.0);
    }
  }

  /** Live blocks as they are found on a walk: how many, and the oldest of them. */
  private static final class Walk {
    final PriorityQueue<Live> oldest =
        new PriorityQueue<>(Comparator.comparingLong(Live::ageMillis));
    long live;

    void add(Live block) {
      live++;
      oldest.add(block);
      if (oldest.size() > OLDEST) {
        oldest.poll();
      }
    }

    long oldestMillis() {
      return oldest.stream().mapToLong(Live::ageMillis).max().orElse(0);
    }
  }

  static String of(TieredPool pool, PoolStats stats) {
    PoolDump dump = new PoolDump();
    dump.head(pool, stats);
    dump.tiers(stats);
    if (!pool.isClosed()) {
      dump.live(pool, walk(pool));
    }
    return dump.out.toString();
  }

  /** What is live, and what went wrong last. */
  private void live(PoolBase pool, Walk walk) {
    sites(pool.report(Duration.ZERO));
    oldest(walk);
    failures(pool.events.lastFailures());
  }

  private void sites(LeakReport report) {
    if (!report.isEmpty()) {
      line(
          "  who holds blocks, by place%s:  blocks, bytes, oldest",
          report.complete() ? "" : " (estimated from samples)");
      report.sites().stream().limit(SITES).forEach(this::site);
    }
  }

  private void site(LeakReport.Site site) {
    line(
        "    %,8d %,12d B  %,9.2f s  %s",
        site.estimatedBlocks(),
        site.estimatedBytes(),
        site.oldest().toMillis() / 1000.0,
        site.stack().isEmpty() ? "?" : site.stack().getFirst());
  }

  private void failures(List<PoolEvents.Failure> failures) {
    if (!failures.isEmpty()) {
      line("  last failures:");
      failures.forEach(
          failure -> line("    %,9.2f s ago  %s", failure.ageMillis() / 1000.0, failure.reason()));
    }
  }

  static String of(GovernedPool pool, PoolStats stats) {
    PoolDump dump = new PoolDump();
    dump.head(pool, stats);
    PoolStats.Variable variable = stats.variable();
    if (variable != null) {
      dump.variable(variable);
    } else {
      dump.tiers(stats);
    }
    dump.governed(stats);
    if (!pool.isClosed()) {
      Walk walk = new Walk();
      for (Regions.One region : pool.governor().regions.list()) {
        walk(region.pool, walk);
      }
      dump.live(pool, walk);
    }
    return dump.out.toString();
  }

  private void governed(PoolStats stats) {
    line(
        "  regions %d   grown %,d   trimmed %,d",
        stats.regions().count(), stats.regions().grown(), stats.regions().trimmed());
    PoolStats.Fallback fallback = stats.fallback();
    if (fallback != null) {
      line(
          "  fallback %,d of %,d B   live %,d   peak %,d   allocations %,d   frees %,d",
          fallback.liveBytes(),
          fallback.limitBytes(),
          fallback.liveBlocks(),
          fallback.peakBlocks(),
          fallback.allocations(),
          fallback.frees());
    }
    for (PoolStats.Label label : stats.labels()) {
      line(
          "  label %-20s live %,d blocks, %,d B   allocations %,d   frees %,d   failed %,d",
          label.name().isEmpty() ? "(none)" : label.name(),
          label.liveBlocks(),
          label.liveBytes(),
          label.allocations(),
          label.frees(),
          label.failed());
    }
  }

  private static void walk(RegionPool pool, Walk walk) {
    switch (pool) {
      case TieredPool tiered -> {
        for (Tier tier : tiered.tiers) {
          walk(tier, walk);
        }
      }
      case VariablePool variable -> walk((VariableBlocks) variable.blocks(0), walk);
    }
  }

  static String of(VariablePool pool, PoolStats stats, VariableBlocks blocks) {
    PoolDump dump = new PoolDump();
    dump.head(pool, stats);
    dump.variable(Objects.requireNonNull(stats.variable()));
    if (!pool.isClosed()) {
      dump.live(pool, walk(blocks));
    }
    return dump.out.toString();
  }

  private void head(MemoryPool pool, PoolStats stats) {
    line("pool '%s'%s  %s", stats.pool(), pool.isClosed() ? " (closed)" : "", stats.pressure());
    line(
        "  region %,d B   used %,d B   free %,d B   metadata %,d B",
        stats.regionBytes(), stats.usedBytes(), stats.freeBytes(), stats.metadataBytes());
    line(
        "  allocations %,d   frees %,d   failed %,d   refused %,d   violations %,d   waiting %d",
        stats.allocations(),
        stats.frees(),
        stats.failed(),
        stats.refused(),
        stats.violations(),
        stats.waiting());
    PoolStats.Checks checks = stats.checks();
    if (checks.level() != CheckLevel.STANDARD || checks.deferredFrees() > 0) {
      line(
          "  checks %s   red zones %,d B   damages %,d   lost %,d   deferred frees %,d",
          checks.level(),
          checks.extraBytes(),
          checks.damages(),
          checks.lost(),
          checks.deferredFrees());
    }
    timing("allocate", stats.allocateTime());
    timing("free    ", stats.freeTime());
  }

  private void tiers(PoolStats stats) {
    line(
        "  %10s %6s %6s %6s %6s  %-" + BAR + "s %8s %8s %8s %6s  %s",
        "block B",
        "total",
        "used",
        "free",
        "peak",
        "use",
        "spill in",
        "out",
        "failed",
        "waste",
        "for");
    stats.tiers().forEach(this::tier);
  }

  private void variable(PoolStats.Variable variable) {
    line(
        "  used blocks %,d   free pieces %,d   largest free %,d B   largest allocatable %,d B   peak used %,d B",
        variable.usedBlocks(),
        variable.freePieces(),
        variable.largestFreeBytes(),
        variable.largestAllocatableBytes(),
        variable.peakUsedBytes());
    line(
        "  fragmentation: external %.1f %%   internal %.1f %%   region / peak %.3f   reachability gap %,d B",
        variable.externalFragmentationPercent(),
        variable.internalFragmentationPercent(),
        variable.regionToPeakRatio(),
        variable.reachabilityGapBytes());
    StringBuilder unusable = new StringBuilder();
    for (long size = UNUSABLE_FROM; size <= variable.totalBytes(); size *= UNUSABLE_STEP) {
      unusable.append(
          String.format(Locale.ROOT, "   %,d B %.1f %%", size, variable.unusableFreePercent(size)));
    }
    line("  unusable free space for%s", unusable);
  }

  private void timing(String what, PoolStats.Timing timing) {
    line(
        "  %s mean %,.0f ns   p50 %,d   p99 %,d   max %,d   (%,d samples)",
        what, timing.meanNs(), timing.p50Ns(), timing.p99Ns(), timing.maxNs(), timing.samples());
  }

  private void tier(PoolStats.Tier tier) {
    int filled = (int) Math.round(tier.utilizationPercent() * BAR / 100);
    String bar = "#".repeat(filled) + ".".repeat(BAR - filled);
    line(
        "  %,10d %6d %6d %6d %6d  %s %8d %8d %8d %5.0f%%  %s",
        tier.blockSizeBytes(),
        tier.total(),
        tier.used(),
        tier.free(),
        tier.peakUsed(),
        bar,
        tier.spilledIn(),
        tier.spilledOut(),
        tier.failed(),
        tier.internalFragmentationPercent(),
        tier.label());
  }

  private void oldest(Walk walk) {
    if (walk.live > 0) {
      line("  oldest of %,d live blocks:  handle, size, age", walk.live);
      walk.oldest.stream()
          .sorted(Comparator.comparingLong(Live::ageMillis).reversed())
          .forEach(block -> line("    %s", block));
    }
  }

  private static Walk walk(RegionPool pool) {
    Walk walk = new Walk();
    walk(pool, walk);
    return walk;
  }

  private static void walk(Tier tier, Walk walk) {
    Blocks blocks = tier.blocks;
    String of = String.format(Locale.ROOT, " of %,9d", tier.slab.blockSize());
    for (int index = 0; index < blocks.capacity(); index++) {
      long word = blocks.word(index);
      if (Blocks.isOwned(word)) {
        long age = CoarseClock.millisSince(blocks.tick(index));
        walk.add(new Live(tier.handle(index, word), blocks.size(index), of, age));
      }
    }
  }

  private static Walk walk(VariableBlocks blocks) {
    Walk walk = new Walk();
    walk(blocks, walk);
    return walk;
  }

  private static void walk(VariableBlocks blocks, Walk walk) {
    for (int index = 0; index < blocks.count(); index++) {
      long word = blocks.word(index);
      if (Blocks.isOwned(word)) {
        long age = CoarseClock.millisSince(blocks.tick(index));
        walk.add(new Live(blocks.handle(index, word), blocks.size(index), "", age));
      }
    }
  }

  /** One line: how many blocks are live, of which sizes, and how old. */
  static String liveBlocks(TieredPool pool) {
    StringBuilder text = new StringBuilder();
    long total = 0;
    for (Tier tier : pool.tiers) {
      Walk walk = new Walk();
      walk(tier, walk);
      if (walk.live > 0) {
        text.append(text.isEmpty() ? "" : ", ");
        text.append(
            String.format(
                Locale.ROOT,
                "%d of %d B (oldest %.2f s)",
                walk.live,
                tier.slab.blockSize(),
                walk.oldestMillis() / 1000.0));
        total += walk.live;
      }
    }
    return total
        + " live blocks"
        + (total == 0 ? "" : ": ")
        + text
        + others(pool.stats().used() - total);
  }

  /** Blocks that are used, but nobody's. */
  private static String others(long count) {
    return count <= 0
        ? ""
        : ", and %d that were freed while pinned, or whose owners were collected".formatted(count);
  }

  /** One line: how many blocks are live, how many bytes, and how old. */
  static String liveBlocks(VariableBlocks blocks) {
    Walk walk = walk(blocks);
    return String.format(
        Locale.ROOT,
        "%d live blocks: %d B in all (oldest %.2f s)%s",
        walk.live,
        blocks.used(),
        walk.oldestMillis() / 1000.0,
        others(blocks.live() - walk.live));
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  private void line(String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
