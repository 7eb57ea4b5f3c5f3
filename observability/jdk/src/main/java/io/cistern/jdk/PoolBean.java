package io.cistern.jdk;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.PoolStats;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a pool's figures for JMX, and changes what its manager lets be changed. */
final class PoolBean implements PoolMXBean {
  private final MemoryPool pool;
  private final @Nullable PoolManager manager;

  PoolBean(MemoryPool pool, @Nullable PoolManager manager) {
    this.pool = pool;
    this.manager = manager;
  }

  @Override
  public String getName() {
    return pool.name();
  }

  @Override
  public PoolStats getStats() {
    return pool.stats();
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
  public List<PoolStats.Tier> getTiers() {
    return pool.stats().tiers();
  }

  @Override
  public PoolStats.@Nullable Variable getVariable() {
    return pool.stats().variable();
  }

  @Override
  public double getExternalFragmentationPercent() {
    PoolStats.Variable variable = pool.stats().variable();
    return variable == null ? 0 : variable.externalFragmentationPercent();
  }

  @Override
  public double getInternalFragmentationPercent() {
    PoolStats stats = pool.stats();
    PoolStats.Variable variable = stats.variable();
    return variable == null ? ofTiers(stats.tiers()) : variable.internalFragmentationPercent();
  }

  private static double ofTiers(List<PoolStats.Tier> tiers) {
    long granted = tiers.stream().mapToLong(PoolStats.Tier::grantedBytes).sum();
    long requested = tiers.stream().mapToLong(PoolStats.Tier::requestedBytes).sum();
    return granted == 0 ? 0 : Math.max(0, 100.0 * (granted - requested) / granted);
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

  @Override
  public String dump() {
    return pool.dump();
  }

  @Override
  public String verify() {
    return pool.verify().toString();
  }

  @Override
  public String leakReport(int olderThanSeconds) {
    return pool.report(Duration.ofSeconds(olderThanSeconds)).toString();
  }

  @Override
  public List<LeakSite> topSites(int olderThanSeconds, int most) {
    return LeakSite.largest(LeakSite.of(pool.report(Duration.ofSeconds(olderThanSeconds))), most);
  }

  @Override
  public void setCount(long blockSizeBytes, int count) {
    manager().setCount(pool.name(), blockSizeBytes, count);
  }

  @Override
  public void setRegions(int least, int most) {
    manager().setRegions(pool.name(), least, most);
  }

  @Override
  public void setThresholds(double lowPercent, double criticalPercent) {
    manager().setThresholds(pool.name(), lowPercent, criticalPercent);
  }

  private PoolManager manager() {
    if (manager == null) {
      throw new UnsupportedOperationException(
          "pool '%s' was registered without a manager, which could change it"
              .formatted(pool.name()));
    }
    return manager;
  }

  @Override
  public PoolStats.Checks getChecks() {
    return pool.stats().checks();
  }
}
