package io.cistern;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which tier of a governed pool serves a size, and what a block of it takes: arithmetic alone. */
final class GovernedSizes {
  /** The tier of what comes from outside of the pool. */
  static final int FALLBACK = -1;

  /** Smallest first; none in a pool of variable size, which counts as one tier. */
  final List<TierLayout.Slab> slabs;

  final int tiers;

  /** The largest request that a block serves. */
  final long maxBlock;

  private final @Nullable VariableLayout variable;
  private final byte[] table;
  private final int granuleShift;
  private final Spill spill;

  GovernedSizes(MemoryPool.Builder builder) {
    this.spill = builder.spill;
    if (builder.isVariable()) {
      VariableLayout layout = VariableLayout.of(builder);
      variable = layout;
      slabs = List.of();
      tiers = 1;
      table = new byte[0];
      granuleShift = 0;
      maxBlock = layout.maxSize();
    } else {
      TierLayout layout = TierLayout.of(builder);
      variable = null;
      slabs = layout.tiers();
      tiers = slabs.size();
      table = layout.table();
      granuleShift = layout.granuleShift();
      maxBlock = layout.maxSize();
    }
  }

  boolean isVariable() {
    return variable != null;
  }

  /** The smallest tier that fits; {@link #FALLBACK} for what no block can hold. */
  int tierFor(long size) {
    if (size > maxBlock) {
      return FALLBACK;
    }
    if (variable != null) {
      return 0;
    }
    int entry = ((int) size - 1) >>> granuleShift;
    int tier = table[Math.min(entry, table.length - 1)];
    while (size > slabs.get(tier).blockSize()) {
      tier++;
    }
    return tier;
  }

  /** The largest tier that a request may take. */
  int lastTier(int fitting) {
    return variable != null ? 0 : TierSearch.lastTier(spill, fitting, tiers);
  }

  /** Bytes that a request takes of a tier. */
  long granted(int tier, long size) {
    return variable != null ? variable.granted(size) : slabs.get(tier).blockSize();
  }

  /** What capacities of a tier are multiples of; 1 in a pool of variable size. */
  long blockBytes(int tier) {
    return variable != null ? 1 : slabs.get(tier).blockSize();
  }

  /** Bytes that a region with all tiers has of one. */
  long regionBytes(int tier) {
    return variable != null
        ? variable.regionBytes()
        : (long) slabs.get(tier).blockSize() * slabs.get(tier).count();
  }

  /** The tier of exactly that block size. */
  int tierOf(String pool, long blockSize) {
    for (int tier = 0; tier < slabs.size(); tier++) {
      if (slabs.get(tier).blockSize() == blockSize) {
        return tier;
      }
    }
    throw new IllegalArgumentException(
        "pool '%s' has no tier of %d B; it has %s"
            .formatted(pool, blockSize, slabs.stream().map(TierLayout.Slab::blockSize).toList()));
  }
}
