package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

/** What a pool must do, said as plainly as can be: per tier a handful of counters. */
final class PoolModel {
  static final int NONE = -1;

  /** The counters of one tier. */
  private static final class Tier {
    final long blockSize;
    final int total;
    int used;
    int peak;
    long allocations;
    long frees;
    long failed;
    long spilledIn;
    long spilledOut;
    long requested;

    Tier(MemoryPool.Builder.TierSpec spec) {
      this.blockSize = spec.size();
      this.total = spec.count();
    }
  }

  private final List<Tier> tiers = new ArrayList<>();
  private final Spill spill;
  long refused;
  long violations;

  PoolModel(PoolKind kind) {
    kind.tiers().forEach(spec -> tiers.add(new Tier(spec)));
    spill = kind.builder().spill;
  }

  long maxSize() {
    return tiers.getLast().blockSize;
  }

  long blockSize(int tier) {
    return tiers.get(tier).blockSize;
  }

  int used() {
    return tiers.stream().mapToInt(tier -> tier.used).sum();
  }

  private int fitting(long size) {
    int tier = 0;
    while (tiers.get(tier).blockSize < size) {
      tier++;
    }
    return tier;
  }

  /** The tier that must serve the request, or NONE when it must fail; counted either way. */
  int allocate(long size) {
    int fitting = fitting(size);
    int last = spill == Spill.OFF ? fitting : spill == Spill.NEXT ? fitting + 1 : tiers.size() - 1;
    for (int t = fitting; t <= Math.min(last, tiers.size() - 1); t++) {
      Tier tier = tiers.get(t);
      if (tier.used < tier.total) {
        tier.used++;
        tier.peak = Math.max(tier.peak, tier.used);
        tier.allocations++;
        tier.requested += size;
        if (t != fitting) {
          tier.spilledIn++;
          tiers.get(fitting).spilledOut++;
        }
        return t;
      }
    }
    tiers.get(fitting).failed++;
    return NONE;
  }

  void free(int tier) {
    tiers.get(tier).used--;
    tiers.get(tier).frees++;
  }

  void assertAgreesWith(PoolStats stats) {
    assertThat(stats.refused()).as("refused").isEqualTo(refused);
    assertThat(stats.violations()).as("violations").isEqualTo(violations);
    for (int t = 0; t < tiers.size(); t++) {
      Tier tier = tiers.get(t);
      PoolStats.Tier shown = stats.tiers().get(t);
      int peak = tier.total <= 64 ? tier.peak : shown.peakUsed();
      assertThat(shown)
          .isEqualTo(
              new PoolStats.Tier(
                  tier.blockSize,
                  shown.label(),
                  tier.total,
                  tier.total - tier.used,
                  tier.used,
                  peak,
                  tier.allocations,
                  tier.frees,
                  tier.failed,
                  tier.spilledIn,
                  tier.spilledOut,
                  tier.requested,
                  tier.allocations * tier.blockSize,
                  shown.pressure()));
      assertThat(shown.peakUsed()).isBetween(tier.used, tier.peak);
    }
  }
}
