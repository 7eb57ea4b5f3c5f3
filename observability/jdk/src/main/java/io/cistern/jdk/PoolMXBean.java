package io.cistern.jdk;

import io.cistern.PoolStats;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What JMX shows of one pool, as {@code io.cistern:type=MemoryPool,name=…}. Each read takes a
 * snapshot of its own.
 */
public interface PoolMXBean {
  /**
   * The pool's name.
   *
   * @return the name
   */
  String getName();

  /**
   * Level of the whole pool: NORMAL, LOW or CRITICAL.
   *
   * @return name of the level
   */
  String getPressure();

  /**
   * Memory taken from the operating system.
   *
   * @return bytes
   */
  long getRegionBytes();

  /**
   * Memory in used blocks.
   *
   * @return bytes
   */
  long getUsedBytes();

  /**
   * Memory in free blocks.
   *
   * @return bytes
   */
  long getFreeBytes();

  /**
   * Java heap that manages the region.
   *
   * @return bytes
   */
  long getMetadataBytes();

  /**
   * Successful allocations over the pool's life.
   *
   * @return a count
   */
  long getAllocations();

  /**
   * Frees over the pool's life.
   *
   * @return a count
   */
  long getFrees();

  /**
   * Requests that found no block to take after spill.
   *
   * @return a count
   */
  long getFailed();

  /**
   * Requests of a size that no tier serves.
   *
   * @return a count
   */
  long getRefused();

  /**
   * Allocations that a larger tier served.
   *
   * @return a count
   */
  long getSpills();

  /**
   * Frees that were refused.
   *
   * @return a count
   */
  long getViolations();

  /**
   * Threads that wait for a block now.
   *
   * @return a count
   */
  int getWaiting();

  /**
   * The tiers, smallest blocks first.
   *
   * @return one entry a tier
   */
  List<TierData> getTiers();

  /**
   * The figures of a pool of variable size.
   *
   * @return null for a pool of tiers
   */
  @Nullable VariableData getVariable();

  /**
   * How many regions the pool has, and how many came and went.
   *
   * @return the figures
   */
  PoolStats.Regions getRegions();

  /**
   * Memory that the pool has taken outside of itself.
   *
   * @return null for a pool that is not to take any
   */
  PoolStats.@Nullable Fallback getFallback();

  /**
   * What was allocated under each label.
   *
   * @return one entry a label; empty for a pool that keeps no labels
   */
  List<PoolStats.Label> getLabels();

  /**
   * The readable state dump.
   *
   * @return several lines
   */
  String dump();

  /**
   * Walks the whole pool.
   *
   * @return the report as text; it contains "ok" when nothing is wrong
   */
  String verify();

  /**
   * Who holds blocks for long, by the place in the program that allocated them.
   *
   * @param olderThanSeconds how long they must have been live
   * @return the report as text
   */
  String report(int olderThanSeconds);

  /**
   * What was found wrong with the use of memory.
   *
   * @return the figures
   */
  PoolStats.Checks getChecks();

  /**
   * One tier, as JMX's composite data. The names are those of {@link io.cistern.PoolStats.Tier}.
   *
   * @param blockSizeBytes largest request that a block serves
   * @param label what the tier is meant for
   * @param total blocks
   * @param free free blocks
   * @param used used blocks
   * @param peakUsed most blocks ever used at once
   * @param allocations successful allocations
   * @param frees frees
   * @param failed requests for which this was the fitting tier and that found no block
   * @param spilledIn allocations that a smaller tier could not serve
   * @param spilledOut requests that a larger tier served
   */
  record TierData(
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
      long spilledOut) {}

  /**
   * A pool of variable size, as JMX's composite data. The names are those of {@link
   * io.cistern.PoolStats.Variable}.
   *
   * @param usedBlocks blocks that are allocated now
   * @param freePieces in how many pieces the free bytes are
   * @param largestFreeBytes the largest of them
   * @param peakUsedBytes most bytes ever used at once
   * @param externalFragmentationPercent share of the free bytes outside of the largest free piece
   * @param internalFragmentationPercent share of the granted bytes that nobody asked for
   */
  record VariableData(
      int usedBlocks,
      int freePieces,
      long largestFreeBytes,
      long peakUsedBytes,
      double externalFragmentationPercent,
      double internalFragmentationPercent) {}
}
