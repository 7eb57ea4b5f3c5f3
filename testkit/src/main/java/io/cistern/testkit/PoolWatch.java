package io.cistern.testkit;

import io.cistern.CheckLevel;
import io.cistern.LeakReport;
import io.cistern.MemoryPool;
import io.cistern.PoolStats;
import io.cistern.VerifyReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * What pools were like before something ran, and what is worse after it.
 *
 * <pre>
 *   leaked  = live after  - live before        damaged = damages after - damages before
 * </pre>
 *
 * A pool that was not there before had nothing live and no damage. Not safe for use by several
 * threads.
 */
final class PoolWatch {
  private final String what;
  private final IdentityHashMap<MemoryPool, Figures> before = new IdentityHashMap<>();

  /** Of one pool at one moment. */
  private record Figures(int live, long damages) {
    static final Figures NONE = new Figures(0, 0);

    static Figures of(MemoryPool pool) {
      PoolStats stats = pool.stats();
      return new Figures(stats.used(), stats.checks().damages());
    }
  }

  /**
   * Looks at all pools as they are now.
   *
   * @param what is about to run, for messages
   * @param pools that were open before it
   */
  PoolWatch(String what, Collection<MemoryPool> pools) {
    this.what = what;
    look(pools);
  }

  /** Takes pools as they are now: what is wrong with them already is not told. */
  void look(Collection<MemoryPool> pools) {
    for (MemoryPool pool : pools) {
      before.put(pool, Figures.of(pool));
    }
  }

  /** Whether the pool was there before. */
  boolean knows(MemoryPool pool) {
    return before.containsKey(pool);
  }

  /**
   * What is wrong with pools now that was not wrong before; those that are closed are not asked.
   */
  List<String> findings(Collection<MemoryPool> pools) {
    List<String> findings = new ArrayList<>();
    for (MemoryPool pool : pools) {
      if (!pool.isClosed()) {
        Figures was = before.getOrDefault(pool, Figures.NONE);
        addLeaks(pool, was, findings);
        addDamages(pool, was, findings);
        addVerify(pool, findings);
      }
    }
    return findings.stream().distinct().toList(); // a pool may be known by several views
  }

  private void addLeaks(MemoryPool pool, Figures was, List<String> findings) {
    int live = Figures.of(pool).live();
    if (live > was.live()) {
      LeakReport report = pool.report(Duration.ZERO);
      findings.add(
          "%s left %d blocks live in pool '%s' (%d before, %d after)\n%s%s"
              .formatted(
                  what,
                  live - was.live(),
                  pool.name(),
                  was.live(),
                  live,
                  report,
                  report.complete()
                      ? ""
                      : "\n  not every stack is known: build the pool with checks(CheckLevel.%s)"
                          .formatted(CheckLevel.CHECKED)));
    }
  }

  private void addDamages(MemoryPool pool, Figures was, List<String> findings) {
    long damages = Figures.of(pool).damages() - was.damages();
    if (damages > 0) {
      findings.add(
          "%s wrote to memory of pool '%s' that it did not own, in %d places"
              .formatted(what, pool.name(), damages));
    }
  }

  private void addVerify(MemoryPool pool, List<String> findings) {
    VerifyReport report = pool.verify();
    if (!report.ok()) {
      findings.add("after %s verify() finds: %s".formatted(what, report));
    }
  }
}
