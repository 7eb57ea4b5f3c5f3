package io.cistern.jdk;

import io.cistern.ManagerStats;
import io.cistern.PressureLimits;
import io.cistern.ReclaimerStats;
import java.util.List;

/**
 * What JMX shows of a manager, as {@code io.cistern:type=PoolManager,name=…}: everything in one
 * call ({@link #getStats}), so that a remote screen needs one round trip, and the figures of the
 * whole one by one. Each read takes a snapshot of its own, without a lock. Operations that are
 * refused throw an {@link IllegalArgumentException} or an {@link IllegalStateException} that says
 * what was asked and what is allowed; nothing is changed then. Safe for use by several threads.
 */
public interface PoolManagerMXBean {
  /**
   * The manager's name among those of this process.
   *
   * @return as given when it was registered
   */
  String getName();

  /**
   * The snapshot that every channel shows.
   *
   * @return all figures of all pools, quotas and reclaimers, of one moment
   */
  ManagerStats getStats();

  /**
   * Level of all pools together.
   *
   * @return NORMAL, LOW or CRITICAL
   */
  String getPressure();

  /**
   * What all pools together may take.
   *
   * @return bytes; {@link Long#MAX_VALUE} when there is no budget
   */
  long getBudgetBytes();

  /**
   * Changes the budget.
   *
   * @param bytes at least 1
   * @throws IllegalArgumentException when it is less than 1
   * @throws IllegalStateException when more is taken
   */
  void setBudgetBytes(long bytes);

  /**
   * What the pools have taken of the budget, fallback memory by its limit.
   *
   * @return bytes
   */
  long getBudgetUsedBytes();

  /**
   * Memory taken from the operating system for regions.
   *
   * @return bytes
   */
  long getRegionBytes();

  /**
   * Memory in used blocks of all pools.
   *
   * @return bytes
   */
  long getUsedBytes();

  /**
   * The quotas.
   *
   * @return one entry a quota, a parent before its children; empty when there are none
   */
  List<ManagerStats.OfQuota> getQuotas();

  /**
   * What reclaimers have done.
   *
   * @return one entry a reclaimer, in their order
   */
  List<ReclaimerStats> getReclaimers();

  /**
   * The limits by which levels are found.
   *
   * @return those of all pools and of the whole
   */
  PressureLimits getPressureLimits();

  /**
   * How many notifications of this manager and its pools were dropped because a thousand were
   * waiting for a listener.
   *
   * @return a count
   */
  long getNotificationsDropped();

  /**
   * The readable state dumps of all pools, and of the whole.
   *
   * @return several lines
   */
  String dump();

  /**
   * Walks every pool, and the quotas. Takes time in proportion to the number of blocks.
   *
   * @return a report a pool; each contains "ok" when nothing is wrong
   */
  String verify();

  /**
   * Who holds blocks for long, by the place in the program that allocated them.
   *
   * @param olderThanSeconds how long they must have been live, 0 or more
   * @return a report a pool
   * @throws IllegalArgumentException when the age is negative
   */
  String leakReport(int olderThanSeconds);

  /**
   * The places of all leak reports that hold most, as data.
   *
   * @param olderThanSeconds how long blocks must have been live, 0 or more
   * @param most how many places, at least 1
   * @return largest first, by estimated bytes
   * @throws IllegalArgumentException when a number is not allowed
   */
  List<LeakSite> topSites(int olderThanSeconds, int most);

  /**
   * Gives back all regions that nobody uses.
   *
   * @return bytes given back, about
   */
  long trim();

  /**
   * Changes the limit of a quota.
   *
   * @param path of the quota, names separated by '/'
   * @param limitBytes its limit from now on
   * @throws IllegalArgumentException when there is no such quota, or it guarantees more
   * @throws IllegalStateException when more is used or guaranteed below it
   */
  void setQuotaLimit(String path, long limitBytes);

  /**
   * Changes the limit over the fallback memory of all pools that share it.
   *
   * @param limitBytes 0 or more
   * @throws IllegalArgumentException when it is negative
   * @throws IllegalStateException when more is live, or the budget does not allow it
   */
  void limitFallback(long limitBytes);

  /**
   * Changes the limits by which levels are found; see {@link PressureLimits}.
   *
   * @param lowUsedPercent use at which memory is LOW
   * @param criticalUsedPercent use at which it is CRITICAL
   * @param lowFreeBytes free bytes below which it is LOW; 0 when they are not watched
   * @param criticalFreeBytes free bytes below which it is CRITICAL; 0 when they are not watched
   * @param lowFragmentationPercent external fragmentation at which a region is LOW
   * @param criticalFragmentationPercent external fragmentation at which it is CRITICAL
   * @param hysteresisPercent percent points below a threshold at which its level is left
   * @throws IllegalArgumentException when they are not in order
   */
  void setPressureLimits(
      double lowUsedPercent,
      double criticalUsedPercent,
      long lowFreeBytes,
      long criticalFreeBytes,
      double lowFragmentationPercent,
      double criticalFragmentationPercent,
      double hysteresisPercent);
}
