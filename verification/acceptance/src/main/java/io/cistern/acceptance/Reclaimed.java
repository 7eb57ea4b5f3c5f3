package io.cistern.acceptance;

import io.cistern.PoolManager;
import io.cistern.Reclaimer;
import io.cistern.ReclaimerStats;
import java.time.Duration;

/**
 * A cache that gives its oldest block up whenever it is asked, by a request that would be refused
 * or by a level that turns CRITICAL.
 */
final class Reclaimed {
  private static final Duration TIME = Duration.ofSeconds(10);

  private final Held cache;
  private final long blockBytes;

  Reclaimed(Held cache, long blockBytes) {
    this.cache = cache;
    this.blockBytes = blockBytes;
  }

  /**
   * Does something that needs memory, with the cache registered as a reclaimer; which must have
   * been asked, and have freed. Then what is left of the cache is freed. It has more time than by
   * default, since a check must not depend on how busy the machine is.
   */
  void during(PoolManager manager, Runnable action) {
    manager.setReclaimTime(TIME);
    Reclaimer.Registration registration =
        manager.addReclaimer(0, "cache", request -> reclaimOldest());
    try {
      action.run();
      ReclaimerStats stats = manager.reclaimers().getFirst();
      Expect.that(stats.runs() > 0, "the reclaimer was never asked: " + stats);
      Expect.that(stats.freedBytes() >= blockBytes, "the reclaimer has freed nothing: " + stats);
    } finally {
      registration.close();
      freeRest();
    }
  }

  private synchronized long reclaimOldest() {
    if (cache.count() == 0) {
      return 0;
    }
    cache.freeOldest();
    return blockBytes;
  }

  private synchronized void freeRest() {
    cache.freeAll();
  }
}
