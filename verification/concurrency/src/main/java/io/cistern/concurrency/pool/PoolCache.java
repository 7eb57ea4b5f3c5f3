package io.cistern.concurrency.pool;

import io.cistern.MemoryPool;
import io.cistern.VerifyReport;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Open pools that the states of one test take turns to use. A pool costs some 50 µs to open and no
 * more than 255 can be open, while jcstress builds states by the hundred and thousands a second.
 *
 * <p>A pool is at its limit: a ballast of live blocks is never freed, and the race is about the
 * rest.
 */
final class PoolCache {
  /** What the ballast of a large tier takes: with it, the tier has more than 64 blocks. */
  static final int BALLAST = 64;

  /** Keeps the coarse clock of all pools from being stopped and started with each of them. */
  static final MemoryPool KEEPER = MemoryPool.builder().tier(1, 1).build();

  /** Exhaustion is what many races are about; a line in the log for each pool would drown them. */
  private static final Logger LOG = Logger.getLogger("io.cistern");

  static {
    LOG.setLevel(Level.OFF);
  }

  private final ConcurrentLinkedQueue<MemoryPool> idle = new ConcurrentLinkedQueue<>();
  private final Supplier<MemoryPool> opener;
  private final int ballast;

  /**
   * A cache of equal pools.
   *
   * @param opener opens one
   * @param ballast blocks of the smallest tier to be kept live
   */
  PoolCache(Supplier<MemoryPool> opener, int ballast) {
    this.opener = opener;
    this.ballast = ballast;
  }

  MemoryPool take() {
    MemoryPool used = idle.poll();
    return used == null ? open() : used;
  }

  private MemoryPool open() {
    MemoryPool pool = opener.get();
    for (int i = 0; i < ballast; i++) {
      pool.allocateHandle(1);
    }
    return pool;
  }

  /**
   * After a race, when all its blocks are freed: walks everything, and keeps the pool for later
   * races when all is well.
   *
   * @return 0, else the sum of 1 for findings of verify and 2 for a wrong count of used blocks
   */
  int giveBack(MemoryPool pool) {
    VerifyReport report = pool.verify();
    int wrong = report.ok() && report.quiescent() ? 0 : 1;
    wrong += pool.stats().used() == ballast ? 0 : 2;
    if (wrong == 0) {
      idle.add(pool);
    } else {
      pool.closeNow();
    }
    return wrong;
  }
}
