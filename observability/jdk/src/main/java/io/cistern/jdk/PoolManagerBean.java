package io.cistern.jdk;

import io.cistern.ManagerStats;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.PoolStats;
import io.cistern.PressureLimits;
import io.cistern.ReclaimerStats;
import io.cistern.VerifyReport;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads a manager's figures for JMX, and changes what can be changed while the pools are used. */
final class PoolManagerBean implements PoolManagerMXBean {
  private final String name;
  private final PoolManager manager;
  private final Outbox outbox;

  PoolManagerBean(String name, PoolManager manager, Outbox outbox) {
    this.name = name;
    this.manager = manager;
    this.outbox = outbox;
  }

  @Override
  public String getName() {
    return name;
  }

  @Override
  public ManagerStats getStats() {
    return manager.stats();
  }

  @Override
  public String getPressure() {
    return manager.stats().pressure().name();
  }

  @Override
  public long getBudgetBytes() {
    return manager.budgetBytes();
  }

  @Override
  public void setBudgetBytes(long bytes) {
    manager.setBudget(bytes);
  }

  @Override
  public long getBudgetUsedBytes() {
    return manager.budgetUsedBytes();
  }

  @Override
  public long getRegionBytes() {
    return manager.regionBytes();
  }

  @Override
  public long getUsedBytes() {
    return manager.stats().pools().stream().mapToLong(PoolStats::usedBytes).sum();
  }

  @Override
  public List<ManagerStats.OfQuota> getQuotas() {
    return manager.stats().quotas();
  }

  @Override
  public List<ReclaimerStats> getReclaimers() {
    return manager.reclaimers();
  }

  @Override
  public PressureLimits getPressureLimits() {
    return manager.pressureLimits();
  }

  @Override
  public long getNotificationsDropped() {
    return outbox.dropped();
  }

  @Override
  public String dump() {
    return manager.dump();
  }

  @Override
  public String verify() {
    return manager.verify().stream().map(VerifyReport::toString).collect(Collectors.joining("\n"));
  }

  @Override
  public String leakReport(int olderThanSeconds) {
    return ofEach(pool -> pool.report(Duration.ofSeconds(olderThanSeconds)).toString())
        .collect(Collectors.joining("\n"));
  }

  @Override
  public List<LeakSite> topSites(int olderThanSeconds, int most) {
    Duration age = Duration.ofSeconds(olderThanSeconds);
    return LeakSite.largest(ofEach(pool -> pool.report(age)).flatMap(LeakSite::of), most);
  }

  private <T> Stream<T> ofEach(Function<MemoryPool, T> reading) {
    return manager.pools().stream().map(reading);
  }

  @Override
  public long trim() {
    return manager.trim();
  }

  @Override
  public void setQuotaLimit(String path, long limitBytes) {
    manager.setQuotaLimit(path, limitBytes);
  }

  @Override
  public void limitFallback(long limitBytes) {
    if (limitBytes < 0) {
      throw new IllegalArgumentException(
          "fallback of %d B: must be 0 or more".formatted(limitBytes));
    }
    manager.setFallbackBytes(limitBytes);
  }

  @Override
  public void setPressureLimits(
      double lowUsedPercent,
      double criticalUsedPercent,
      long lowFreeBytes,
      long criticalFreeBytes,
      double lowFragmentationPercent,
      double criticalFragmentationPercent,
      double hysteresisPercent) {
    manager.setPressureLimits(
        new PressureLimits(
            lowUsedPercent,
            criticalUsedPercent,
            lowFreeBytes,
            criticalFreeBytes,
            lowFragmentationPercent,
            criticalFragmentationPercent,
            hysteresisPercent));
  }
}
