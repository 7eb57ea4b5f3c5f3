package io.cistern;

import io.cistern.internal.Blocks;
import io.cistern.internal.CoarseClock;
import java.util.Comparator;
import java.util.Locale;
import java.util.PriorityQueue;

/** Writes a pool's state for people to read. */
final class PoolDump {
  private static final int OLDEST = 10;
  private static final int BAR = 20;

  private final StringBuilder out = new StringBuilder();

  private PoolDump() {}

  /** A live block as it was found on a walk. */
  private record Live(Tier tier, int index, long word, int size, long ageMillis) {
    @Override
    public String toString() {
      return "0x%016x  %,9d B of %,9d  %,9.2f s"
          .formatted(tier.handle(index, word), size, tier.slab.blockSize(), ageMillis / 1000.0);
    }
  }

  static String of(TieredPool pool, PoolStats stats) {
    PoolDump dump = new PoolDump();
    dump.head(pool, stats);
    stats.tiers().forEach(dump::tier);
    if (!pool.isClosed()) {
      dump.oldest(pool);
    }
    return dump.out.toString();
  }

  private void head(TieredPool pool, PoolStats stats) {
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
    timing("allocate", stats.allocateTime());
    timing("free    ", stats.freeTime());
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

  private void oldest(TieredPool pool) {
    PriorityQueue<Live> oldest = new PriorityQueue<>(Comparator.comparingLong(Live::ageMillis));
    long live = 0;
    for (Tier tier : pool.tiers) {
      for (int index = 0; index < tier.blocks.capacity(); index++) {
        Live block = live(tier, index);
        if (block != null) {
          live++;
          oldest.add(block);
          if (oldest.size() > OLDEST) {
            oldest.poll();
          }
        }
      }
    }
    if (live > 0) {
      line("  oldest of %,d live blocks:  handle, size, age", live);
      oldest.stream()
          .sorted(Comparator.comparingLong(Live::ageMillis).reversed())
          .forEach(block -> line("    %s", block));
    }
  }

  private static @org.jspecify.annotations.Nullable Live live(Tier tier, int index) {
    Blocks blocks = tier.blocks;
    long word = blocks.word(index);
    if (!Blocks.isOwned(word)) {
      return null;
    }
    return new Live(
        tier, index, word, blocks.size(index), CoarseClock.millisSince(blocks.tick(index)));
  }

  /** One line: how many blocks are live, of which sizes, and how old. */
  static String liveBlocks(TieredPool pool) {
    StringBuilder text = new StringBuilder();
    int total = 0;
    for (Tier tier : pool.tiers) {
      int live = 0;
      long oldest = 0;
      for (int index = 0; index < tier.blocks.capacity(); index++) {
        Live block = live(tier, index);
        if (block != null) {
          live++;
          oldest = Math.max(oldest, block.ageMillis);
        }
      }
      if (live > 0) {
        text.append(text.isEmpty() ? "" : ", ");
        text.append(
            String.format(
                Locale.ROOT,
                "%d of %d B (oldest %.2f s)",
                live,
                tier.slab.blockSize(),
                oldest / 1000.0));
        total += live;
      }
    }
    return total + " live blocks: " + text;
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  private void line(String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
