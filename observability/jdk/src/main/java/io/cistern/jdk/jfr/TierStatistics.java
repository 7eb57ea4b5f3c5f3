package io.cistern.jdk.jfr;

import io.cistern.PoolStats;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Percentage;
import jdk.jfr.Period;

/** The snapshot of one tier. */
@Name("io.cistern.TierStatistics")
@Label("Tier Statistics")
@Description("Figures of a tier: of all blocks of one size")
@Period("10 s")
final class TierStatistics extends PoolEvent {
  @Label("Tier")
  @DataAmount
  @Description("Largest request that a block serves")
  long blockSizeBytes;

  @Label("Label")
  @Description("What the tier is meant for, may be empty")
  String label;

  @Label("Blocks")
  int total;

  @Label("Free Blocks")
  int free;

  @Label("Used Blocks")
  int used;

  @Label("Peak Used Blocks")
  int peakUsed;

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

  @Label("Spilled In")
  @Description("Allocations that a smaller tier could not serve")
  long spilledIn;

  @Label("Spilled Out")
  @Description("Requests for this tier that a larger one served")
  long spilledOut;

  @Label("Requested Bytes")
  @DataAmount
  @Description("Sum over the life of the pool")
  long requestedBytes;

  @Label("Granted Bytes")
  @DataAmount
  @Description("Sum over the life of the pool")
  long grantedBytes;

  @Label("Internal Fragmentation")
  @Percentage
  double internalFragmentation;

  TierStatistics(String pool, PoolStats.Tier tier) {
    super(pool);
    blockSizeBytes = tier.blockSizeBytes();
    label = tier.label();
    total = tier.total();
    free = tier.free();
    used = tier.used();
    peakUsed = tier.peakUsed();
    utilization = tier.utilizationPercent() / 100;
    pressure = tier.pressure().name();
    allocations = tier.allocations();
    frees = tier.frees();
    failed = tier.failed();
    spilledIn = tier.spilledIn();
    spilledOut = tier.spilledOut();
    requestedBytes = tier.requestedBytes();
    grantedBytes = tier.grantedBytes();
    internalFragmentation = tier.internalFragmentationPercent() / 100;
  }
}
