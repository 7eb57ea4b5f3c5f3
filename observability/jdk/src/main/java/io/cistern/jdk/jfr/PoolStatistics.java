package io.cistern.jdk.jfr;

import io.cistern.PoolStats;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Percentage;
import jdk.jfr.Period;
import jdk.jfr.Timespan;

/** The snapshot of a pool, without its tiers. */
@Name("io.cistern.PoolStatistics")
@Label("Pool Statistics")
@Description("Figures of a pool")
@Period("10 s")
final class PoolStatistics extends PoolEvent {
  @Label("Region Bytes")
  @DataAmount
  @Description("Memory taken from the operating system")
  long regionBytes;

  @Label("Used Bytes")
  @DataAmount
  long usedBytes;

  @Label("Free Bytes")
  @DataAmount
  long freeBytes;

  @Label("Metadata Bytes")
  @DataAmount
  @Description("Java heap that manages the blocks")
  long metadataBytes;

  @Label("Used Blocks")
  int used;

  @Label("Free Blocks")
  int free;

  @Label("Utilization")
  @Percentage
  double utilization;

  @Label("Pressure")
  String pressure;

  @Label("Allocations")
  long allocations;

  @Label("Frees")
  long frees;

  @Label("Failed")
  long failed;

  @Label("Refused")
  @Description("Requests of a size that no tier serves")
  long refused;

  @Label("Spills")
  long spills;

  @Label("Violations")
  long violations;

  @Label("Waiting")
  @Description("Threads that wait for a block")
  int waiting;

  @Label("Regions")
  int regions;

  @Label("Grown")
  long grown;

  @Label("Trimmed")
  long trimmed;

  @Label("Fallback Limit")
  @DataAmount
  long fallbackLimitBytes;

  @Label("Fallback Live Bytes")
  @DataAmount
  long fallbackLiveBytes;

  @Label("Fallback Allocations")
  long fallbackAllocations;

  @Label("Damages")
  long damages;

  @Label("Lost Blocks")
  long lost;

  @Label("Deferred Frees")
  long deferredFrees;

  @Label("Allocate, Median")
  @Timespan
  long allocateP50;

  @Label("Allocate, 99th Percentile")
  @Timespan
  long allocateP99;

  @Label("Allocate, Longest")
  @Timespan
  long allocateMax;

  @Label("Free, Median")
  @Timespan
  long freeP50;

  @Label("Free, 99th Percentile")
  @Timespan
  long freeP99;

  @Label("Free, Longest")
  @Timespan
  long freeMax;

  PoolStatistics(PoolStats stats) {
    super(stats.pool());
    PoolStats.Fallback fallback = stats.fallback();
    regionBytes = stats.regionBytes();
    usedBytes = stats.usedBytes();
    freeBytes = stats.freeBytes();
    metadataBytes = stats.metadataBytes();
    used = stats.used();
    free = stats.free();
    utilization = stats.utilizationPercent() / 100;
    pressure = stats.pressure().name();
    allocations = stats.allocations();
    frees = stats.frees();
    failed = stats.failed();
    refused = stats.refused();
    spills = stats.spills();
    violations = stats.violations();
    waiting = stats.waiting();
    regions = stats.regions().count();
    grown = stats.regions().grown();
    trimmed = stats.regions().trimmed();
    fallbackLimitBytes = fallback == null ? 0 : fallback.limitBytes();
    fallbackLiveBytes = fallback == null ? 0 : fallback.liveBytes();
    fallbackAllocations = fallback == null ? 0 : fallback.allocations();
    damages = stats.checks().damages();
    lost = stats.checks().lost();
    deferredFrees = stats.checks().deferredFrees();
    allocateP50 = stats.allocateTime().p50Ns();
    allocateP99 = stats.allocateTime().p99Ns();
    allocateMax = stats.allocateTime().maxNs();
    freeP50 = stats.freeTime().p50Ns();
    freeP99 = stats.freeTime().p99Ns();
    freeMax = stats.freeTime().maxNs();
  }
}
