package io.cistern;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Where the tiers of a pool lie, and which tier serves a size: arithmetic alone, no memory.
 *
 * <p>Tiers are ordered by size. In the region the largest comes first, each block at a multiple of
 * the alignment, without gaps between tiers. A size is looked up in a table with one entry for each
 * {@code granule} bytes, where the granule is the largest power of two that divides every block
 * size: so one table read gives the smallest tier that fits. Where such a table would have more
 * than 65,536 entries it ends there, and the few tiers above are compared one by one.
 *
 * @param tiers smallest first
 * @param regionBytes size of the region
 * @param alignment of every block
 */
record TierLayout(List<Slab> tiers, long regionBytes, long alignment) {
  static final long MAX_BLOCK = 1L << 30;
  static final int MAX_TIERS = 64;
  static final int MAX_ALIGNMENT = 4096;
  private static final int MAX_TABLE = 1 << 16;

  /**
   * One tier's blocks: {@code count} of them from {@code offset} on, {@code stride} apart; between
   * them, and before the first, there may be a red zone.
   */
  record Slab(int blockSize, int count, String label, long offset, long stride) {
    long bytes() {
      return stride * count;
    }
  }

  static TierLayout of(MemoryPool.Builder builder) {
    List<MemoryPool.Builder.TierSpec> specs = new ArrayList<>(builder.tiers);
    specs.sort(Comparator.comparingLong(MemoryPool.Builder.TierSpec::size));
    check(builder, specs);
    List<Slab> slabs = new ArrayList<>();
    int redZone = builder.checks.redZone();
    long offset = roundUp(redZone, builder.alignment);
    for (MemoryPool.Builder.TierSpec spec : specs.reversed()) {
      long stride = roundUp(spec.size() + redZone, builder.alignment);
      Slab slab = new Slab((int) spec.size(), spec.count(), spec.label(), offset, stride);
      slabs.addFirst(slab);
      offset = Math.addExact(offset, slab.bytes());
    }
    return new TierLayout(List.copyOf(slabs), offset, builder.alignment);
  }

  private static long roundUp(long bytes, long alignment) {
    return (bytes + alignment - 1) & -alignment;
  }

  /** Bytes of the region that a builder's pool would have without red zones. */
  static long nominalBytes(MemoryPool.Builder builder) {
    TierLayout layout = of(builder);
    long bytes = 0;
    for (Slab slab : layout.tiers) {
      bytes += roundUp(slab.blockSize(), builder.alignment) * slab.count();
    }
    return bytes;
  }

  private static void check(MemoryPool.Builder builder, List<MemoryPool.Builder.TierSpec> sorted) {
    checkOptions(builder);
    require(
        !sorted.isEmpty() && sorted.size() <= MAX_TIERS,
        "%d tiers: must be from 1 to %d".formatted(sorted.size(), MAX_TIERS));
    int maxCount = maxCount(sorted.size());
    long before = 0;
    for (MemoryPool.Builder.TierSpec tier : sorted) {
      require(
          tier.size() >= 1 && tier.size() <= MAX_BLOCK,
          "tier of %d B: a block must be from 1 to %d B".formatted(tier.size(), MAX_BLOCK));
      require(tier.size() != before, "two tiers of %d B".formatted(tier.size()));
      require(
          tier.count() >= 1 && tier.count() <= maxCount,
          "%d blocks of %d B: with %d tiers the count must be from 1 to %d"
              .formatted(tier.count(), tier.size(), sorted.size(), maxCount));
      before = tier.size();
    }
  }

  /** What pools of every kind have in common. */
  static void checkOptions(MemoryPool.Builder builder) {
    require(
        Long.bitCount(builder.alignment) == 1
            && builder.alignment <= MAX_ALIGNMENT
            && builder.alignment > 0,
        "alignment of %d B: must be a power of two from 1 to %d"
            .formatted(builder.alignment, MAX_ALIGNMENT));
    checkThresholds(builder.lowPercent, builder.criticalPercent);
  }

  static void checkThresholds(double lowPercent, double criticalPercent) {
    require(
        lowPercent > 0 && lowPercent < criticalPercent && criticalPercent <= 100,
        "thresholds of %s %% and %s %%: must be 0 < low < critical <= 100"
            .formatted(lowPercent, criticalPercent));
  }

  /** Whether blocks of a pool of tiers are aligned as asked: what is not, is refused. */
  static void checkAlignment(String pool, long asked, long alignment) {
    require(
        Long.bitCount(asked) == 1 && asked >= 1 && asked <= alignment,
        "alignment of %d B: pool '%s' aligns its blocks at %d B, so it must be a power of two up to that"
            .formatted(asked, pool, alignment));
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  private static int maxCount(int tiers) {
    return 1 << HandleFormat.blockBits(tiers);
  }

  /** Bytes in all blocks: less than the region where the alignment spaces blocks apart. */
  long blockBytes() {
    return tiers.stream().mapToLong(slab -> (long) slab.blockSize() * slab.count()).sum();
  }

  int maxSize() {
    return tiers.getLast().blockSize();
  }

  /** Log2 of the granule of {@link #table()}. */
  int granuleShift() {
    int union = 0;
    for (Slab slab : tiers) {
      union |= slab.blockSize();
    }
    return Integer.numberOfTrailingZeros(union);
  }

  /** Entry {@code (size - 1) >>> granuleShift} is the smallest tier that serves {@code size}. */
  byte[] table() {
    int shift = granuleShift();
    byte[] table = new byte[Math.min(maxSize() >>> shift, MAX_TABLE)];
    int tier = 0;
    for (int i = 0; i < table.length; i++) {
      while (((long) i + 1) << shift > tiers.get(tier).blockSize()) {
        tier++;
      }
      table[i] = (byte) tier;
    }
    return table;
  }
}
