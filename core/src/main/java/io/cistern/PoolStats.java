package io.cistern;

import io.cistern.internal.Space;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An immutable snapshot of one pool. Taken without a lock; when nothing is allocated or freed
 * meanwhile, {@code used + free = total} and {@code allocations - frees = used} hold exactly for
 * each tier.
 *
 * @param pool name of the pool
 * @param tiers one entry a tier, smallest blocks first; empty in a pool of variable size
 * @param variable figures of a pool of variable size; null in a pool of tiers
 * @param refused requests of a size that no tier serves (0 or less, or above the largest block)
 * @param violations frees that were refused
 * @param waiting threads that wait for a block now
 * @param regionBytes memory taken from the operating system, without red zones
 * @param metadataBytes Java heap bytes that the pool needs to manage its blocks; the two histograms
 *     of sampled times, 4 KB each, and the traces of sampled allocations, some 1 KB each while they
 *     are live, come on top
 * @param pressure level of the whole pool, by used bytes
 * @param allocateTime sampled time of allocations
 * @param freeTime sampled time of frees
 * @param regions how many the pool has
 * @param fallback memory taken outside of the pool; null when there is to be none
 * @param labels what was allocated under each label, by name; empty when the pool keeps no labels
 * @param checks what was found wrong with the use of memory
 */
public record PoolStats(
    String pool,
    List<Tier> tiers,
    @Nullable Variable variable,
    long refused,
    long violations,
    int waiting,
    long regionBytes,
    long metadataBytes,
    PressureLevel pressure,
    Timing allocateTime,
    Timing freeTime,
    Regions regions,
    @Nullable Fallback fallback,
    List<Label> labels,
    Checks checks) {
  /** Copies the lists. */
  public PoolStats {
    tiers = List.copyOf(tiers);
    labels = List.copyOf(labels);
  }

  /**
   * What the pool has found wrong with the use of its memory, and what looking for it takes.
   *
   * @param level how much is checked
   * @param extraBytes of memory for red zones, on top of the region's
   * @param damages places that were written to by somebody who did not own them
   * @param lost blocks whose owners were collected before they freed them; they count as used
   * @param deferredFrees frees of pinned blocks, done when the last pin was gone
   */
  public record Checks(
      CheckLevel level, long extraBytes, long damages, long lost, long deferredFrees) {}

  /**
   * The regions of a pool that can grow; of all others, the one.
   *
   * @param count regions now
   * @param grown how many were added since the pool was opened
   * @param trimmed how many were given back
   */
  public record Regions(int count, long grown, long trimmed) {
    static final Regions ONE = new Regions(1, 0, 0);
  }

  /**
   * Memory taken outside of the pool.
   *
   * @param limitBytes most that may be live, perhaps together with other pools
   * @param liveBytes of this pool now
   * @param liveBlocks of this pool now
   * @param peakBlocks most blocks that were ever live at once
   * @param allocations so far
   * @param frees so far
   */
  public record Fallback(
      long limitBytes,
      long liveBytes,
      int liveBlocks,
      int peakBlocks,
      long allocations,
      long frees) {}

  /**
   * What was allocated under one label, in blocks of the pool and outside of it.
   *
   * @param name of the label; empty for what was allocated under none
   * @param allocations so far
   * @param frees so far
   * @param liveBlocks now
   * @param liveBytes in whole blocks, now
   * @param failed requests that found no block, or that a quota refused
   */
  public record Label(
      String name, long allocations, long frees, long liveBlocks, long liveBytes, long failed) {}

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
   *     tier they may use, or that a quota refused
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
   * A pool of variable size: one moment, when the snapshot was taken or, under load, up to 10 ms
   * before ({@code freeBytesFrom}: 10 ms more for each thousand blocks). Fragmentation is measured
   * as docs/fragmentation.md defines it.
   *
   * @param totalBytes of the region
   * @param usedBytes in used blocks, each rounded up to 8
   * @param freeBytes outside of used blocks
   * @param usedBlocks blocks that are allocated now
   * @param freePieces in how many pieces the free bytes are
   * @param largestFreeBytes the largest of them
   * @param largestAllocatableBytes the largest request that would be served at an alignment of 8; 0
   *     when as many blocks are live as may be
   * @param peakUsedBytes most bytes ever used at once
   * @param allocations successful allocations
   * @param frees frees
   * @param failed requests for which there was no room
   * @param requestedBytes sum of all sizes asked for, over the pool's life
   * @param grantedBytes sum of the block sizes given for them
   * @param freeBytesFrom element k is the free bytes in pieces of at least 8 &times; 2<sup>k</sup>
   */
  public record Variable(
      long totalBytes,
      long usedBytes,
      long freeBytes,
      int usedBlocks,
      int freePieces,
      long largestFreeBytes,
      long largestAllocatableBytes,
      long peakUsedBytes,
      long allocations,
      long frees,
      long failed,
      long requestedBytes,
      long grantedBytes,
      List<Long> freeBytesFrom) {
    private static final int GRANULE = 8;

    /** Copies the list. */
    public Variable {
      freeBytesFrom = List.copyOf(freeBytesFrom);
    }

    static Variable of(long totalBytes, VariableBlocks.Figures now, long failed) {
      Space.Figures space = now.space();
      return new Variable(
          totalBytes,
          totalBytes - space.freeBytes(),
          space.freeBytes(),
          space.blocks(),
          space.freePieces(),
          space.largestFree(),
          space.largestAllocatable(),
          totalBytes - now.leastFree(),
          now.allocations(),
          now.frees(),
          failed,
          now.requested(),
          now.granted(),
          sumsFrom(now.freeBytesByPower()));
    }

    private static List<Long> sumsFrom(List<Long> byPower) {
      Long[] sums = new Long[byPower.size()];
      long sum = 0;
      for (int power = sums.length - 1; power >= 0; power--) {
        sum += byPower.get(power);
        sums[power] = sum;
      }
      return List.of(sums);
    }

    /**
     * External fragmentation: the share of the free bytes outside of the largest free piece.
     *
     * @return percent, 0 to 100; 0 when nothing is free
     */
    public double externalFragmentationPercent() {
      return freeBytes == 0 ? 0 : 100.0 * (freeBytes - largestFreeBytes) / freeBytes;
    }

    /**
     * Unusable free space index: the share of the free bytes in pieces too small for a request.
     *
     * @param size bytes of the request, at least 1; the figure is exact for 8 times a power of two,
     *     and for others that of the next such size
     * @return percent, 0 to 100; 0 when nothing is free
     */
    public double unusableFreePercent(long size) {
      long granules = (size + GRANULE - 1) / GRANULE;
      int power = Long.SIZE - Long.numberOfLeadingZeros(granules - 1);
      long usable = power < freeBytesFrom.size() ? freeBytesFrom.get(power) : 0;
      return freeBytes == 0 ? 0 : 100.0 * (freeBytes - usable) / freeBytes;
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

    /**
     * Reachability gap: how much larger the largest free piece is than the largest request that
     * would be served. It is the pool's promise that this is 0, unless as many blocks are live as
     * may be.
     *
     * @return bytes
     */
    public long reachabilityGapBytes() {
      return largestFreeBytes - largestAllocatableBytes;
    }

    /**
     * How much larger the region is than it ever was used: an upper bound of the minimum-pool
     * ratio, which {@code cistern replay} finds.
     *
     * @return region over peak; infinite before the first allocation
     */
    public double regionToPeakRatio() {
      return (double) totalBytes / peakUsedBytes;
    }

    /**
     * Share of used bytes.
     *
     * @return percent, 0 to 100
     */
    public double utilizationPercent() {
      return 100.0 * usedBytes / totalBytes;
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
   * Blocks that are allocated now, over all tiers or of any size, fallback memory included.
   *
   * @return a count of blocks
   */
  public int used() {
    int outside = fallback == null ? 0 : fallback.liveBlocks;
    return outside
        + (variable == null ? tiers.stream().mapToInt(Tier::used).sum() : variable.usedBlocks);
  }

  /**
   * Blocks that are free now, over all tiers; in a pool of variable size, free pieces.
   *
   * @return a count of blocks
   */
  public int free() {
    return variable == null ? tiers.stream().mapToInt(Tier::free).sum() : variable.freePieces;
  }

  /**
   * Bytes in used blocks.
   *
   * @return whole blocks, in bytes
   */
  public long usedBytes() {
    return variable == null
        ? tiers.stream().mapToLong(t -> t.used * t.blockSizeBytes).sum()
        : variable.usedBytes;
  }

  /**
   * Bytes in free blocks.
   *
   * @return whole blocks, in bytes
   */
  public long freeBytes() {
    return variable == null
        ? tiers.stream().mapToLong(t -> t.free * t.blockSizeBytes).sum()
        : variable.freeBytes;
  }

  /**
   * Successful allocations over the pool's life, those of fallback memory included.
   *
   * @return a count
   */
  public long allocations() {
    long outside = fallback == null ? 0 : fallback.allocations;
    return outside
        + (variable == null
            ? tiers.stream().mapToLong(Tier::allocations).sum()
            : variable.allocations);
  }

  /**
   * Frees over the pool's life, those of fallback memory included.
   *
   * @return a count
   */
  public long frees() {
    long outside = fallback == null ? 0 : fallback.frees;
    return outside
        + (variable == null ? tiers.stream().mapToLong(Tier::frees).sum() : variable.frees);
  }

  /**
   * Requests that found no block to take after spill, over the pool's life.
   *
   * @return a count
   */
  public long failed() {
    return variable == null ? tiers.stream().mapToLong(Tier::failed).sum() : variable.failed;
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
