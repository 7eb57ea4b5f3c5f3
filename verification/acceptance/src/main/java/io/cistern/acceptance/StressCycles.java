package io.cistern.acceptance;

import io.cistern.MemoryPool;
import io.cistern.PoolStats;

/**
 * The stress of R3 with its 48 hours taken out: the clock is a counter of milliseconds, nothing
 * sleeps. A cycle is 100 ms long. A frame of 4 KB arrives each millisecond and is held for 10, a
 * pattern of 1 KB arrives every tenth and is held for 100; so 10 of each are live once a cycle has
 * passed.
 */
final class StressCycles {
  private static final int CYCLE_MS = 100;
  private static final int FRAME_HELD_MS = 10;
  private static final int PATTERN_EVERY_MS = 10;
  private static final int PATTERN_HELD_MS = 100;

  private final MemoryPool pool;
  private final Held frames;
  private final Held patterns;
  private double peakUtilizationPercent;

  StressCycles(MemoryPool pool) {
    this.pool = pool;
    this.frames = new Held(pool);
    this.patterns = new Held(pool);
  }

  /**
   * What the cycles came to.
   *
   * @param failed requests that failed
   * @param peakUtilizationPercent most that was used at the end of a millisecond, of all bytes
   */
  record Outcome(long failed, double peakUtilizationPercent) {}

  Outcome run(int cycles) {
    for (int ms = 0; ms < cycles * CYCLE_MS; ms++) {
      pass(ms);
      peakUtilizationPercent = Math.max(peakUtilizationPercent, pool.stats().utilizationPercent());
    }
    frames.freeAll();
    patterns.freeAll();
    PoolStats stats = pool.stats();
    Expect.equal("frames and patterns served", cycles * 110L, stats.allocations());
    return new Outcome(stats.failed(), peakUtilizationPercent);
  }

  private void pass(int ms) {
    if (ms >= FRAME_HELD_MS) {
      frames.freeOldest();
    }
    if (ms % PATTERN_EVERY_MS == 0) {
      if (ms >= PATTERN_HELD_MS) {
        patterns.freeOldest();
      }
      patterns.take(1024);
    }
    frames.take(4096);
  }
}
