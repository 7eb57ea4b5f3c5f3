package io.cistern.simulator.tune;

import java.util.Arrays;

/**
 * A pool of tiers that lend to all smaller ones, as numbers: how many blocks of each tier are free,
 * and which tier each live block came from. It takes what a {@link Demand} asks for and decides as
 * the real pool does with {@code spill = any}: a request gets a block of the smallest tier that
 * holds it and has one; a resize stays where it fits, else the new block is taken before the old
 * one is freed.
 */
final class SpillModel {
  private static final byte NONE = -1;

  private final Demand demand;
  private final int tiers;

  /** The smallest tier that holds a size, by its rank. */
  private final byte[] fitting;

  private final byte[] tierOf;

  SpillModel(Demand demand, int[] tops) {
    this.demand = demand;
    this.tiers = tops.length;
    this.fitting = new byte[demand.sizes.length + 1];
    this.tierOf = new byte[demand.blockCount];
    int tier = 0;
    for (int size = 0; size < demand.sizes.length; size++) {
      tier += size > tops[tier] ? 1 : 0;
      fitting[size + 1] = (byte) tier;
    }
  }

  /** Which tier holds the size of a rank. */
  int fitting(int rank) {
    return fitting[rank];
  }

  /** Whether nothing is refused with so many blocks in each tier. */
  boolean serves(int[] counts) {
    int[] free = counts.clone();
    for (int i = 0; i < demand.operations(); i++) {
      if (!operate(i, free)) {
        return false;
      }
    }
    return true;
  }

  /** The most blocks of each tier that are used at once when none lacks any. */
  int[] peaks() {
    int[] most = new int[tiers];
    Arrays.fill(most, Integer.MAX_VALUE);
    return used(most, most.clone());
  }

  /** The most blocks of each tier that are used at once, of so many. */
  int[] used(int[] counts) {
    return used(counts, counts.clone());
  }

  private int[] used(int[] counts, int[] free) {
    int[] least = counts.clone();
    for (int i = 0; i < demand.operations(); i++) {
      operate(i, free);
      int tier = tierOf[demand.blocks[i]];
      if (tier != NONE) {
        least[tier] = Math.min(least[tier], free[tier]);
      }
    }
    int[] used = new int[tiers];
    Arrays.setAll(used, tier -> counts[tier] - least[tier]);
    return used;
  }

  /**
   * Which tier each block is in after the first operations; negative for none. Valid until the next
   * call of any method.
   */
  byte[] places(int[] counts, int operations) {
    int[] free = counts.clone();
    Arrays.fill(tierOf, NONE);
    for (int i = 0; i < operations; i++) {
      operate(i, free);
    }
    return tierOf;
  }

  /** How many more blocks of each tier would serve those that are refused, at the worst moment. */
  int[] shortages(int[] counts) {
    int[] free = counts.clone();
    int[] missing = new int[tiers];
    int[] worst = new int[tiers];
    byte[] missed = new byte[demand.blockCount];
    Arrays.fill(missed, NONE);
    for (int i = 0; i < demand.operations(); i++) {
      int block = demand.blocks[i];
      int rank = demand.ranks[i];
      if (missed[block] != NONE && rank <= 0) {
        missing[missed[block]]--;
        missed[block] = NONE;
      }
      if (!operate(i, free)) {
        byte tier = fitting[Math.abs(rank)];
        missed[block] = tier;
        worst[tier] = Math.max(worst[tier], ++missing[tier]);
      }
    }
    return worst;
  }

  /** False when the operation is refused; then a new block is held nowhere. */
  private boolean operate(int operation, int[] free) {
    int block = demand.blocks[operation];
    int rank = demand.ranks[operation];
    if (rank > 0) {
      tierOf[block] = take(fitting[rank], free);
      return tierOf[block] != NONE;
    }
    byte old = tierOf[block];
    if (rank == 0) {
      release(old, free);
      tierOf[block] = NONE;
      return true;
    }
    byte wanted = fitting[-rank];
    if (old >= wanted) {
      return true;
    }
    byte tier = take(wanted, free);
    if (tier != NONE) {
      release(old, free);
      tierOf[block] = tier;
    }
    return tier != NONE;
  }

  private byte take(byte fitting, int[] free) {
    for (byte tier = fitting; tier < tiers; tier++) {
      if (free[tier] > 0) {
        free[tier]--;
        return tier;
      }
    }
    return NONE;
  }

  private static void release(byte tier, int[] free) {
    if (tier != NONE) {
      free[tier]++;
    }
  }
}
