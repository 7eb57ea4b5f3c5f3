package io.cistern;

import java.util.List;

/**
 * An immutable snapshot of one pool. Taken without a lock; when nothing is allocated or freed
 * meanwhile, {@code used + free = total} and {@code allocations - frees = used} hold exactly for
 * each tier.
 *
 * @param pool name of the pool
 * @param tiers one entry a tier, smallest blocks first
 * @param refused requests of a size that no tier serves (0 or less, or above the largest block)
 * @param violations frees that were refused
 * @param waiting threads that wait for a block now
 * @param regionBytes memory taken from the operating system
 * @param metadataBytes Java heap bytes that the pool needs to manage its blocks; the two histograms
 *     of sampled times, 4 KB each, come on top
 * @param pressure level of the whole pool, by used bytes
 * @param allocateTime sampled time of allocations
 * @param freeTime sampled time of frees
 */
public record PoolStats(
    String pool,
    List<Tier> tiers,
    long refused,
    long violations,
    int waiting,
    long regionBytes,
    long metadataBytes,
    PressureLevel pressure,
    Timing allocateTime,
    Timing freeTime) {
  /** Copies the list of tiers. */
  public PoolStats {
    tiers = List.copyOf(tiers);
  }

  /**
   * One tier.
   *
   * @param blockSizeBytes largest request that a block serves
   * @param label what the tier is meant for, may be empty
   * @param total blocks
   * @param free blocks that can be allocated now
   * @param used blocks that are allocated now
   * @param peakUsed most blocks ever used at once; exact for tiers of up to 64 blocks, else taken
   *     at refills
   * @param allocations successful allocations from this tier, spilled ones included
   * @param frees frees of blocks of this tier
   * @param failed requests for which this tier was the fitting one and that found no block in any
   *     tier they may use
   * @param spilledIn allocations of this tier that a smaller tier could not serve
   * @param spilledOut requests for this tier that a larger tier served
   * @param requestedBytes sum of all sizes asked for, over the pool's life
   * @param grantedBytes sum of the block sizes given for them
   * @param pressure level of this tier
   */
  public record Tier(
      long blockSizeBytes,
      String label,
      int total,
      int free,
      int used,
      int peakUsed,
      long allocations,
      long frees,
      long failed,
      long spilledIn,
      long spilledOut,
      long requestedBytes,
      long grantedBytes,
      PressureLevel pressure) {
    /**
     * Share of used blocks.
     *
     * @return percent, 0 to 100
     */
    public double utilizationPercent() {
      return 100.0 * used / total;
    }

    /**
     * Internal fragmentation: the share of granted bytes that nobody asked for, over the pool's
     * life.
     *
     * @return percent, 0 to 100; 0 before the first allocation
     */
    public double internalFragmentationPercent() {
      return grantedBytes == 0
          ? 0
          : Math.max(0, 100.0 * (grantedBytes - requestedBytes) / grantedBytes);
    }
  }

  /**
   * Sampled durations of one kind of operation: the first operation after each clock tick of 10 ms
   * is timed. The cost of reading the timer, some 25 ns, is part of each figure.
   *
   * @param samples operations timed
   * @param meanNs mean
   * @param p50Ns median, within 13 %
   * @param p99Ns 99th percentile, within 13 %
   * @param maxNs maximum
   */
  public record Timing(long samples, double meanNs, long p50Ns, long p99Ns, long maxNs) {}

  /**
   * Blocks that are allocated now, over all tiers.
   *
   * @return a count of blocks
   */
  public int used() {
    return tiers.stream().mapToInt(Tier::used).sum();
  }

  /**
   * Blocks that are free now, over all tiers.
   *
   * @return a count of blocks
   */
  public int free() {
    return tiers.stream().mapToInt(Tier::free).sum();
  }

  /**
   * Bytes in used blocks.
   *
   * @return whole blocks, in bytes
   */
  public long usedBytes() {
    return tiers.stream().mapToLong(t -> t.used * t.blockSizeBytes).sum();
  }

  /**
   * Bytes in free blocks.
   *
   * @return whole blocks, in bytes
   */
  public long freeBytes() {
    return tiers.stream().mapToLong(t -> t.free * t.blockSizeBytes).sum();
  }

  /**
   * Successful allocations over the pool's life.
   *
   * @return a count
   */
  public long allocations() {
    return tiers.stream().mapToLong(Tier::allocations).sum();
  }

  /**
   * Frees over the pool's life.
   *
   * @return a count
   */
  public long frees() {
    return tiers.stream().mapToLong(Tier::frees).sum();
  }

  /**
   * Requests that found no block to take after spill, over the pool's life.
   *
   * @return a count
   */
  public long failed() {
    return tiers.stream().mapToLong(Tier::failed).sum();
  }

  /**
   * Allocations that a larger tier than the fitting one served, over the pool's life.
   *
   * @return a count
   */
  public long spills() {
    return tiers.stream().mapToLong(Tier::spilledIn).sum();
  }

  /**
   * Share of the pool's bytes that are in used blocks.
   *
   * @return percent, 0 to 100
   */
  public double utilizationPercent() {
    return 100.0 * usedBytes() / (usedBytes() + freeBytes());
  }
}
