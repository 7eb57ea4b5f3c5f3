package io.cistern.jdk;

import io.cistern.MemoryPool;
import io.cistern.PoolStats;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a pool's figures for JMX. */
final class PoolBean implements PoolMXBean {
  private final MemoryPool pool;

  PoolBean(MemoryPool pool) {
    this.pool = pool;
  }

  @Override
  public String getName() {
    return pool.name();
  }

  @Override
  public String getPressure() {
    return pool.stats().pressure().name();
  }

  @Override
  public long getRegionBytes() {
    return pool.stats().regionBytes();
  }

  @Override
  public long getUsedBytes() {
    return pool.stats().usedBytes();
  }

  @Override
  public long getFreeBytes() {
    return pool.stats().freeBytes();
  }

  @Override
  public long getMetadataBytes() {
    return pool.stats().metadataBytes();
  }

  @Override
  public long getAllocations() {
    return pool.stats().allocations();
  }

  @Override
  public long getFrees() {
    return pool.stats().frees();
  }

  @Override
  public long getFailed() {
    return pool.stats().failed();
  }

  @Override
  public long getRefused() {
    return pool.stats().refused();
  }

  @Override
  public long getSpills() {
    return pool.stats().spills();
  }

  @Override
  public long getViolations() {
    return pool.stats().violations();
  }

  @Override
  public int getWaiting() {
    return pool.stats().waiting();
  }

  @Override
  public List<TierData> getTiers() {
    return pool.stats().tiers().stream().map(PoolBean::data).toList();
  }

  @Override
  public @Nullable VariableData getVariable() {
    PoolStats.Variable variable = pool.stats().variable();
    return variable == null
        ? null
        : new VariableData(
            variable.usedBlocks(),
            variable.freePieces(),
            variable.largestFreeBytes(),
            variable.peakUsedBytes(),
            variable.externalFragmentationPercent(),
            variable.internalFragmentationPercent());
  }

  @Override
  public PoolStats.Regions getRegions() {
    return pool.stats().regions();
  }

  @Override
  public PoolStats.@Nullable Fallback getFallback() {
    return pool.stats().fallback();
  }

  @Override
  public List<PoolStats.Label> getLabels() {
    return pool.stats().labels();
  }

  private static TierData data(PoolStats.Tier tier) {
    return new TierData(
        tier.blockSizeBytes(),
        tier.label(),
        tier.total(),
        tier.free(),
        tier.used(),
        tier.peakUsed(),
        tier.allocations(),
        tier.frees(),
        tier.failed(),
        tier.spilledIn(),
        tier.spilledOut());
  }

  @Override
  public String dump() {
    return pool.dump();
  }

  @Override
  public String verify() {
    return pool.verify().toString();
  }

  @Override
  public String report(int olderThanSeconds) {
    return pool.report(Duration.ofSeconds(olderThanSeconds)).toString();
  }

  @Override
  public PoolStats.Checks getChecks() {
    return pool.stats().checks();
  }
}
