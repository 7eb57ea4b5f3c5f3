package io.cistern.acceptance;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.PoolStats;
import io.cistern.Quota;
import io.cistern.VerifyReport;
import io.cistern.config.Profile;
import java.util.ArrayList;
import java.util.List;

/**
 * The pools of a profile, opened for one check and closed after it. A check may open further pools
 * and managers through it; what holds for the profile's pools holds for them: at the end of the
 * check they are sound and no block is live, in them or outside of them, under any label or quota.
 */
final class FreshPools implements AutoCloseable {
  private final Profile profile;
  private final Events events = new Events();
  private final PoolManager manager;
  private final List<MemoryPool> further = new ArrayList<>();
  private final List<PoolManager> managers = new ArrayList<>();

  FreshPools(Profile profile) {
    this.profile = profile;
    this.manager = profile.open(events);
    managers.add(manager);
  }

  Profile profile() {
    return profile;
  }

  PoolManager manager() {
    return manager;
  }

  Events events() {
    return events;
  }

  /** The profile's pool, when it has just one. */
  MemoryPool pool() {
    Expect.equal("pools of the profile", 1, manager.pools().size());
    return manager.pools().iterator().next();
  }

  MemoryPool pool(String name) {
    return manager.pool(name);
  }

  /** Opens a pool that the profile does not have. */
  MemoryPool open(MemoryPool.Builder builder) {
    MemoryPool pool = heard(builder).build();
    further.add(pool);
    return pool;
  }

  /** Has the listener of all pools of this check added. */
  MemoryPool.Builder heard(MemoryPool.Builder builder) {
    return builder.listener(events);
  }

  /** Opens a manager that the profile does not have; its pools should be {@link #heard}. */
  PoolManager open(PoolManager.Builder builder) {
    PoolManager opened = builder.build();
    managers.add(opened);
    return opened;
  }

  /**
   * A pool made as one of the profile's is, for a check that looks at an option which the profile
   * does not use.
   */
  MemoryPool.Builder like(String name) {
    Profile.PoolSpec spec =
        profile.pools().stream()
            .filter(pool -> pool.name().equals(name))
            .findFirst()
            .orElseThrow(() -> new CheckFailedException("the profile has no pool '" + name + "'"));
    MemoryPool.Builder builder =
        MemoryPool.builder()
            .name(name)
            .spill(spec.spill())
            .zeroing(spec.zeroing())
            .alignment(spec.alignment())
            .thresholds(spec.lowPercent(), spec.criticalPercent());
    spec.tiers().forEach(tier -> builder.tier(tier.size(), tier.count(), tier.label()));
    Profile.VariableSpec variable = spec.variable();
    return variable == null ? builder : builder.variable(variable.size(), variable.maxBlocks());
  }

  /** A pool made as the profile's only one. */
  MemoryPool.Builder like() {
    return like(pool().name());
  }

  /**
   * What must hold after every check: pools are sound, blocks are back, and the listener has heard
   * what was counted.
   */
  void expectSettled() {
    long failed = 0;
    long violations = 0;
    for (MemoryPool pool : all()) {
      PoolStats stats = pool.stats();
      failed += stats.failed();
      violations += stats.violations();
      if (!pool.isClosed()) {
        expectSettled(pool.name(), stats);
        expectSound(pool.verify());
      }
    }
    managers.forEach(each -> each.verify().forEach(FreshPools::expectSound));
    long byQuota = managers.stream().mapToLong(FreshPools::refusedByQuotas).sum();
    Expect.equal(
        "exhaustions that the listener heard", failed - byQuota, events.exhaustions().size());
    Expect.equal("violations that the listener heard", violations, events.violations());
  }

  /** What a quota refuses is a failed request, but no pool is exhausted. */
  private static long refusedByQuotas(PoolManager manager) {
    return manager.verify().stream().anyMatch(report -> report.pool().equals("quotas"))
        ? refusedBy(manager.quota(""))
        : 0;
  }

  private static long refusedBy(Quota quota) {
    return quota.failed() + quota.children().stream().mapToLong(FreshPools::refusedBy).sum();
  }

  private static void expectSound(VerifyReport report) {
    Expect.that(report.ok(), "after the check: " + report);
  }

  private static void expectSettled(String pool, PoolStats stats) {
    Expect.equal("live blocks of pool '" + pool + "' after the check", 0, stats.used());
    PoolStats.Fallback fallback = stats.fallback();
    if (fallback != null) {
      String what = "bytes live outside of pool '" + pool + "' after the check";
      Expect.equal(what, 0, fallback.liveBytes());
    }
    for (PoolStats.Label label : stats.labels()) {
      Expect.equal(
          "live bytes of label '%s' of pool '%s' after the check".formatted(label.name(), pool),
          0,
          label.liveBytes());
    }
  }

  @Override
  public void close() {
    further.forEach(MemoryPool::closeNow);
    managers.forEach(PoolManager::closeNow);
  }

  private List<MemoryPool> all() {
    List<MemoryPool> all = new ArrayList<>(further);
    managers.forEach(each -> all.addAll(each.pools()));
    return all;
  }
}
