package io.cistern;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * For whom blocks are allocated: who pays for them, and under which label they are counted. A block
 * of a governed pool remembers its owner by the owner's number in that pool.
 *
 * @param number in its pool
 * @param quota that is charged, if any
 * @param label that counts, if any
 */
record Owner(int number, @Nullable Quota quota, @Nullable Label label) {
  /**
   * What was allocated and freed under one label; exact when nothing is under way. Blocks of a tier
   * are counted by tier, which says how many bytes they are; the bytes of all others are added up.
   */
  static final class Label {
    final String name;
    private final GovernedSizes sizes;

    /** By tier; the last is for what is no block of a tier. */
    private final LongAdder[] allocations;

    private final LongAdder[] frees;
    private final LongAdder bytes = new LongAdder();
    private final LongAdder failed = new LongAdder();

    Label(String name, GovernedSizes sizes) {
      this.name = name;
      this.sizes = sizes;
      this.allocations = adders(sizes.slabs.size() + 1);
      this.frees = adders(sizes.slabs.size() + 1);
    }

    private static LongAdder[] adders(int count) {
      LongAdder[] adders = new LongAdder[count];
      Arrays.setAll(adders, i -> new LongAdder());
      return adders;
    }

    private void count(LongAdder[] adders, int tier, long size) {
      int last = adders.length - 1;
      if (tier == GovernedSizes.FALLBACK || tier >= last) {
        adders[last].increment();
        bytes.add(size);
      } else {
        adders[tier].increment();
      }
    }

    PoolStats.Label stats() {
      long freed = 0;
      long allocated = 0;
      long live = 0;
      for (int tier = 0; tier < frees.length; tier++) {
        long freedHere = frees[tier].sum();
        long allocatedHere = allocations[tier].sum();
        freed += freedHere;
        allocated += allocatedHere;
        live +=
            tier == frees.length - 1
                ? bytes.sum()
                : (allocatedHere - freedHere) * sizes.slabs.get(tier).blockSize();
      }
      return new PoolStats.Label(name, allocated, freed, allocated - freed, live, failed.sum());
    }
  }

  /** Its label, "" if it has none. */
  String name() {
    return label == null ? "" : label.name;
  }

  boolean isCritical() {
    return quota != null && quota.isCritical();
  }

  /**
   * Counts an allocation.
   *
   * @param bytes of no meaning where the tier says them
   */
  void allocated(int tier, long bytes) {
    if (label != null) {
      label.count(label.allocations, tier, bytes);
    }
  }

  /** Counts a free, and gives back what the quota was charged. */
  void freed(int tier, long bytes) {
    if (quota != null) {
      quota.uncharge(bytes);
    }
    if (label != null) {
      label.count(label.frees, tier, -bytes);
    }
  }

  void resized(long bytes) {
    if (label != null) {
      label.bytes.add(bytes);
    }
  }

  void failed() {
    if (label != null) {
      label.failed.increment();
    }
  }
}
