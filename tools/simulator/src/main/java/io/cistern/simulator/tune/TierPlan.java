package io.cistern.simulator.tune;

import io.cistern.MemoryPool;
import io.cistern.Spill;
import java.util.ArrayList;
import java.util.List;

/**
 * Tiers of a pool that lend to all smaller ones.
 *
 * @param tiers smallest blocks first
 */
public record TierPlan(List<Tier> tiers) {
  /** Copies the list of tiers. */
  public TierPlan {
    tiers = List.copyOf(tiers);
  }

  /**
   * One tier.
   *
   * @param blockSizeBytes size of a block
   * @param count number of blocks
   */
  public record Tier(int blockSizeBytes, int count) {
    /**
     * The memory of the tier.
     *
     * @return bytes
     */
    public long bytes() {
      return (long) blockSizeBytes * count;
    }
  }

  /** Leaves out tiers without a block. */
  static TierPlan of(int[] blockSizes, int[] counts) {
    List<Tier> tiers = new ArrayList<>();
    for (int tier = 0; tier < counts.length; tier++) {
      if (counts[tier] > 0) {
        tiers.add(new Tier(blockSizes[tier], counts[tier]));
      }
    }
    return new TierPlan(tiers);
  }

  /**
   * The memory that a pool of these tiers takes.
   *
   * @return bytes
   */
  public long regionBytes() {
    return tiers.stream().mapToLong(Tier::bytes).sum();
  }

  /**
   * How many blocks there are.
   *
   * @return blocks of all tiers
   */
  public long blocks() {
    return tiers.stream().mapToLong(Tier::count).sum();
  }

  /**
   * Looks whether a pool can have these tiers.
   *
   * @throws IllegalArgumentException when it cannot; the message says what is allowed
   */
  public void check() {
    MemoryPool.Builder builder = MemoryPool.builder().spill(Spill.ANY).alignment(Demand.ALIGNMENT);
    tiers.forEach(tier -> builder.tier(tier.blockSizeBytes(), tier.count()));
    builder.regionBytes();
  }
}
