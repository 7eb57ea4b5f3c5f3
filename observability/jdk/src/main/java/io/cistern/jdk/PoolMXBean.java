package io.cistern.jdk;

import io.cistern.PoolStats;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What JMX shows of one pool, as {@code io.cistern:type=MemoryPool,name=…}. Each read takes a
 * snapshot of its own, without a lock. Operations that are refused throw an {@link
 * IllegalArgumentException} or an {@link IllegalStateException} that says what was asked and what
 * is allowed; nothing is changed then. Safe for use by several threads.
 */
public interface PoolMXBean {
  /**
   * The pool's name.
   *
   * @return the name
   */
  String getName();

  /**
   * All figures of one moment, in one call.
   *
   * @return the pool's snapshot
   */
  PoolStats getStats();

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
  List<PoolStats.Tier> getTiers();

  /**
   * The figures of a pool of variable size.
   *
   * @return null for a pool of tiers
   */
  PoolStats.@Nullable Variable getVariable();

  /**
   * External fragmentation of a pool of variable size: the share of the free bytes outside of the
   * largest free piece.
   *
   * @return percent, 0 to 100; 0 for a pool of tiers, whose blocks cannot fragment
   */
  double getExternalFragmentationPercent();

  /**
   * Internal fragmentation: the share of the granted bytes that nobody asked for, over the pool's
   * life.
   *
   * @return percent, 0 to 100; 0 before the first allocation
   */
  double getInternalFragmentationPercent();

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
   * @param olderThanSeconds how long they must have been live, 0 or more
   * @return the report as text
   * @throws IllegalArgumentException when the age is negative
   */
  String leakReport(int olderThanSeconds);

  /**
   * The places of the leak report that hold most, as data.
   *
   * @param olderThanSeconds how long blocks must have been live, 0 or more
   * @param most how many places, at least 1
   * @return largest first, by estimated bytes
   * @throws IllegalArgumentException when a number is not allowed
   */
  List<LeakSite> topSites(int olderThanSeconds, int most);

  /**
   * Changes how many blocks a tier has; see {@link io.cistern.PoolManager#setCount}.
   *
   * @param blockSizeBytes exactly a tier's
   * @param count at least 1
   * @throws IllegalArgumentException when there is no such tier
   * @throws IllegalStateException when more blocks are used, the budget does not allow more, or the
   *     pool is not resizable
   * @throws UnsupportedOperationException when the pool was registered without its manager
   */
  void setCount(long blockSizeBytes, int count);

  /**
   * Changes how many regions the pool may have; see {@link io.cistern.PoolManager#setRegions}.
   *
   * @param least 0 or more
   * @param most at least {@code least} and 1, at most 200
   * @throws IllegalArgumentException when a number is not allowed
   * @throws IllegalStateException when the pool has more, the budget does not allow {@code least},
   *     or the pool was not built so
   * @throws UnsupportedOperationException when the pool was registered without its manager
   */
  void setRegions(int least, int most);

  /**
   * Changes at which use the pool and its tiers are LOW and CRITICAL.
   *
   * @param lowPercent above 0
   * @param criticalPercent above {@code lowPercent}, at most 100
   * @throws IllegalArgumentException when a value is not allowed
   * @throws UnsupportedOperationException when the pool was registered without its manager
   */
  void setThresholds(double lowPercent, double criticalPercent);

  /**
   * What was found wrong with the use of memory.
   *
   * @return the figures
   */
  PoolStats.Checks getChecks();
}
