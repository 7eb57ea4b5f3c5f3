package io.cistern;

import java.util.List;

/**
 * An immutable snapshot of a {@link PoolManager}: what every screen, exporter and report shows.
 * Taken without a lock; when nothing is allocated or freed meanwhile, the equations of {@link
 * PoolStats} hold.
 *
 * @param timeMillis when it was taken, in milliseconds since 1970-01-01 UTC
 * @param budgetBytes what all pools together may take; {@link Long#MAX_VALUE} when there is no
 *     budget
 * @param budgetUsedBytes what they have taken of it, fallback memory by its limit
 * @param regionBytes memory taken from the operating system for regions
 * @param fallbackLimitBytes most fallback memory that may be live over all pools that share it; 0
 *     when none is shared
 * @param fallbackLiveBytes what is live of it
 * @param pressure level of all pools together
 * @param pools one entry a pool, in the order of declaration
 * @param quotas one entry a quota, a parent before its children; empty when there are none
 * @param reclaimers one entry a reclaimer, in their order
 */
public record ManagerStats(
    long timeMillis,
    long budgetBytes,
    long budgetUsedBytes,
    long regionBytes,
    long fallbackLimitBytes,
    long fallbackLiveBytes,
    PressureLevel pressure,
    List<PoolStats> pools,
    List<OfQuota> quotas,
    List<ReclaimerStats> reclaimers) {
  /** Copies the lists. */
  public ManagerStats {
    pools = List.copyOf(pools);
    quotas = List.copyOf(quotas);
    reclaimers = List.copyOf(reclaimers);
  }

  /**
   * One quota.
   *
   * @param path from the root, names separated by '/'
   * @param limitBytes the limit
   * @param guaranteedBytes what its parent keeps for it
   * @param usedBytes live in it and in all below it
   * @param peakBytes most bytes ever live at once
   * @param failed requests that it refused itself
   * @param critical whether it may take reserves
   */
  public record OfQuota(
      String path,
      long limitBytes,
      long guaranteedBytes,
      long usedBytes,
      long peakBytes,
      long failed,
      boolean critical) {
    static OfQuota of(Quota quota) {
      return new OfQuota(
          quota.path(),
          quota.limitBytes(),
          quota.guaranteedBytes(),
          quota.usedBytes(),
          quota.peakBytes(),
          quota.failed(),
          quota.isCritical());
    }
  }
}
