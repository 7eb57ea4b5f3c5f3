package io.cistern.micrometer;

import io.cistern.LeakReport;
import io.cistern.ManagerStats;
import io.cistern.PoolManager;
import io.cistern.PoolStats;
import io.cistern.PressureLevel;
import io.cistern.ReclaimerStats;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a scrape must say of a snapshot, written down by hand: a name that Prometheus shows, with
 * its labels in order, and the value. Nothing here is taken from the code under test.
 */
final class Expected {
  private static final List<PressureLevel> LEVELS =
      List.of(PressureLevel.NORMAL, PressureLevel.LOW, PressureLevel.CRITICAL);

  private final Map<String, Double> samples = new TreeMap<>();

  /** Every sample of a manager at rest. */
  static Map<String, Double> of(PoolManager manager, Duration suspectsOlderThan) {
    Expected expected = new Expected();
    ManagerStats stats = manager.stats();
    expected.whole(stats);
    stats.pools().forEach(expected::pool);
    stats.quotas().forEach(expected::quota);
    stats.reclaimers().forEach(expected::reclaimer);
    manager.pools().forEach(pool -> expected.suspects(pool.report(suspectsOlderThan)));
    return expected.samples;
  }

  private void put(String name, String labels, Number value) {
    samples.put("cistern_" + name + "{" + labels + "}", value.doubleValue());
  }

  private void whole(ManagerStats stats) {
    put("pressure", "", LEVELS.indexOf(stats.pressure()));
    put("budget_used_bytes", "", stats.budgetUsedBytes());
    put("budget_max_bytes", "", stats.budgetBytes());
    put("region_size_bytes", "", stats.regionBytes());
    put("fallback_max_bytes", "", stats.fallbackLimitBytes());
    put("fallback_used_bytes", "", stats.fallbackLiveBytes());
  }

  private void pool(PoolStats pool) {
    String labels = "pool=" + pool.pool();
    put("pool_used_bytes", labels, pool.usedBytes());
    put("pool_capacity_bytes", labels, pool.usedBytes() + pool.freeBytes());
    put("pool_blocks", labels, pool.used());
    put("pool_regions", labels, pool.regions().count());
    put("pool_regions_grown_total", labels, pool.regions().grown());
    put("pool_regions_trimmed_total", labels, pool.regions().trimmed());
    put("pool_region_size_bytes", labels, pool.regionBytes());
    put("pool_metadata_bytes", labels, pool.metadataBytes());
    put("pool_waiting_threads", labels, pool.waiting());
    put("pool_pressure", labels, LEVELS.indexOf(pool.pressure()));
    put("pool_allocations_total", labels, pool.allocations());
    put("pool_frees_total", labels, pool.frees());
    put("pool_failed_total", labels, pool.failed());
    put("pool_refused_total", labels, pool.refused());
    put("pool_spills_total", labels, pool.spills());
    put("pool_violations_total", labels, pool.violations());
    put("pool_damages_total", labels, pool.checks().damages());
    put("pool_lost_blocks_total", labels, pool.checks().lost());
    put("pool_frees_deferred_total", labels, pool.checks().deferredFrees());
    put("pool_checks_extra_bytes", labels, pool.checks().extraBytes());
    latency("operation=allocate," + labels, pool.allocateTime());
    latency("operation=free," + labels, pool.freeTime());
    pool.tiers().forEach(tier -> tier(labels + ",tier=" + tier.blockSizeBytes(), tier));
    PoolStats.Variable variable = pool.variable();
    if (variable != null) {
      variable(labels, variable);
    }
    PoolStats.Fallback fallback = pool.fallback();
    if (fallback != null) {
      fallback(labels, fallback);
    }
    pool.labels().forEach(label -> label(labels, label));
  }

  private void latency(String labels, PoolStats.Timing timing) {
    put("pool_latency_seconds_count", labels, timing.samples());
    put("pool_latency_seconds_sum", labels, timing.samples() * timing.meanNs() / 1e9);
    put("pool_latency_p50_seconds", labels, timing.p50Ns() / 1e9);
    put("pool_latency_p99_seconds", labels, timing.p99Ns() / 1e9);
    put("pool_latency_max_seconds", labels, timing.maxNs() / 1e9);
  }

  private void tier(String labels, PoolStats.Tier tier) {
    put("tier_used_blocks", labels, tier.used());
    put("tier_free_blocks", labels, tier.free());
    put("tier_capacity_blocks", labels, tier.total());
    put("tier_peak_blocks", labels, tier.peakUsed());
    put("tier_pressure", labels, LEVELS.indexOf(tier.pressure()));
    put("tier_allocations_total", labels, tier.allocations());
    put("tier_frees_total", labels, tier.frees());
    put("tier_failed_total", labels, tier.failed());
    put("tier_spilled_in_total", labels, tier.spilledIn());
    put("tier_spilled_out_total", labels, tier.spilledOut());
    put("tier_requested_bytes_total", labels, tier.requestedBytes());
    put("tier_granted_bytes_total", labels, tier.grantedBytes());
  }

  private void variable(String labels, PoolStats.Variable variable) {
    put("variable_fragmentation_percent", labels, variable.externalFragmentationPercent());
    put("variable_largest_free_bytes", labels, variable.largestFreeBytes());
    put("variable_largest_allocatable_bytes", labels, variable.largestAllocatableBytes());
    put("variable_free_bytes", labels, variable.freeBytes());
    put("variable_free_pieces", labels, variable.freePieces());
    put("variable_peak_bytes", labels, variable.peakUsedBytes());
    put("variable_requested_bytes_total", labels, variable.requestedBytes());
    put("variable_granted_bytes_total", labels, variable.grantedBytes());
  }

  private void fallback(String labels, PoolStats.Fallback fallback) {
    put("pool_fallback_used_bytes", labels, fallback.liveBytes());
    put("pool_fallback_max_bytes", labels, fallback.limitBytes());
    put("pool_fallback_blocks", labels, fallback.liveBlocks());
    put("pool_fallback_peak_blocks", labels, fallback.peakBlocks());
    put("pool_fallback_allocations_total", labels, fallback.allocations());
    put("pool_fallback_frees_total", labels, fallback.frees());
  }

  private void label(String pool, PoolStats.Label label) {
    String labels = "label=" + (label.name().isEmpty() ? "(none)" : label.name()) + "," + pool;
    put("label_used_bytes", labels, label.liveBytes());
    put("label_blocks", labels, label.liveBlocks());
    put("label_allocations_total", labels, label.allocations());
    put("label_frees_total", labels, label.frees());
    put("label_failed_total", labels, label.failed());
  }

  private void quota(ManagerStats.OfQuota quota) {
    String labels = "quota=" + quota.path();
    put("quota_used_bytes", labels, quota.usedBytes());
    put("quota_max_bytes", labels, quota.limitBytes());
    put("quota_guaranteed_bytes", labels, quota.guaranteedBytes());
    put("quota_peak_bytes", labels, quota.peakBytes());
    put("quota_failed_total", labels, quota.failed());
  }

  private void reclaimer(ReclaimerStats reclaimer) {
    String labels = "reclaimer=" + reclaimer.name();
    put("reclaimer_runs_total", labels, reclaimer.runs());
    put("reclaimer_freed_bytes_total", labels, reclaimer.freedBytes());
    put("reclaimer_timeouts_total", labels, reclaimer.timeouts());
    put("reclaimer_failures_total", labels, reclaimer.failures());
    put("reclaimer_running", labels, reclaimer.running() ? 1 : 0);
  }

  /** Ages move on, so the oldest one is not among them. */
  private void suspects(LeakReport report) {
    String labels = "pool=" + report.pool();
    put(
        "pool_suspects_blocks",
        labels,
        report.sites().stream().mapToLong(LeakReport.Site::estimatedBlocks).sum());
    put(
        "pool_suspects_size_bytes",
        labels,
        report.sites().stream().mapToLong(LeakReport.Site::estimatedBytes).sum());
  }
}
