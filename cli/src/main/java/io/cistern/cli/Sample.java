package io.cistern.cli;

import io.cistern.PoolStats;
import io.cistern.PressureLevel;
import io.cistern.gateway.GatewayStats;
import java.time.Duration;
import java.util.List;

/**
 * One moment of a demo, and what happened in the interval before it. All that a {@link Display}
 * shows.
 *
 * @param elapsed since the start
 * @param tiers of all pools
 * @param pools figures of all pools
 * @param frames figures of the gateway
 * @param echoesPerSecond in the interval
 * @param allocationsPerSecond in the interval
 * @param failedInInterval allocations that failed in the interval
 * @param process figures of the process
 */
record Sample(
    Duration elapsed,
    List<TierSample> tiers,
    List<PoolStats> pools,
    GatewayStats frames,
    long echoesPerSecond,
    long allocationsPerSecond,
    long failedInInterval,
    ProcessFigures process) {

  /** In place of a block size. */
  static final long ANY_SIZE = 0;

  /** Copies the lists. */
  Sample {
    tiers = List.copyOf(tiers);
    pools = List.copyOf(pools);
  }

  /**
   * One tier; or a pool of variable size, in bytes where a tier has blocks.
   *
   * @param pool name of its pool
   * @param blockSizeBytes size of a block, or {@link #ANY_SIZE}
   * @param label what it is meant for, may be empty
   * @param total blocks
   * @param used most blocks seen used at once in the interval
   * @param peak most blocks ever used at once
   * @param allocationsPerSecond in the interval
   * @param pressure level at {@code used}
   */
  record TierSample(
      String pool,
      long blockSizeBytes,
      String label,
      long total,
      long used,
      long peak,
      long allocationsPerSecond,
      PressureLevel pressure) {

    /** Blocks that stayed free in the interval. */
    long free() {
      return total - used;
    }
  }

  long allocations() {
    return pools.stream().mapToLong(PoolStats::allocations).sum();
  }

  long frees() {
    return pools.stream().mapToLong(PoolStats::frees).sum();
  }

  long failed() {
    return pools.stream().mapToLong(PoolStats::failed).sum();
  }

  long spills() {
    return pools.stream().mapToLong(PoolStats::spills).sum();
  }

  int liveBlocks() {
    return pools.stream().mapToInt(PoolStats::used).sum();
  }

  long regionBytes() {
    return pools.stream().mapToLong(PoolStats::regionBytes).sum();
  }
}
