package io.cistern.acceptance;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.PoolStats;
import io.cistern.VerifyReport;
import io.cistern.config.Profile;
import java.util.ArrayList;
import java.util.List;

/**
 * The pools of a profile, opened for one check and closed after it. A check may open further pools
 * through it; what holds for the profile's pools holds for them: at the end of the check they are
 * sound and no block is live.
 */
final class FreshPools implements AutoCloseable {
  private final Profile profile;
  private final Events events = new Events();
  private final PoolManager manager;
  private final List<MemoryPool> further = new ArrayList<>();

  FreshPools(Profile profile) {
    this.profile = profile;
    this.manager = profile.open(events);
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
    MemoryPool pool = builder.listener(events).build();
    further.add(pool);
    return pool;
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
        VerifyReport report = pool.verify();
        Expect.that(report.ok(), "after the check: " + report);
        Expect.equal("live blocks of pool '" + pool.name() + "' after the check", 0, stats.used());
      }
    }
    Expect.equal("exhaustions that the listener heard", failed, events.exhaustions().size());
    Expect.equal("violations that the listener heard", violations, events.violations());
  }

  @Override
  public void close() {
    manager.closeNow();
    further.forEach(MemoryPool::closeNow);
  }

  private List<MemoryPool> all() {
    List<MemoryPool> all = new ArrayList<>(manager.pools());
    all.addAll(further);
    return all;
  }
}
