package io.cistern.simulator;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.PoolStats;
import io.cistern.config.Profile;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;

/** A pool of ours. Closing it finds out whether a replay has left blocks behind. */
final class PoolMemory implements Memory {
  private final MemoryPool pool;
  private final Runnable closer;

  private PoolMemory(MemoryPool pool, Runnable closer) {
    this.pool = pool;
    this.closer = closer;
  }

  static PoolMemory ofProfile(Profile profile) {
    PoolManager manager = profile.open();
    return new PoolMemory(manager.pool(poolOf(profile)), manager::close);
  }

  /** The pool that serves, of those that a profile has. */
  static String poolOf(Profile profile) {
    Profile.Frames frames = profile.frames();
    return frames != null
        ? frames.pool()
        : profile.pools().stream()
            .max(Comparator.comparingLong(Profile.PoolSpec::maxSize))
            .orElseThrow()
            .name();
  }

  static PoolMemory variable(Subject.Room room) {
    MemoryPool pool = MemoryPool.builder().name("replay").variable(room.regionBytes()).build();
    return new PoolMemory(pool, pool::close);
  }

  @Override
  public Lane lane(int blocks) {
    return new PoolLane(pool, blocks);
  }

  @Override
  public OptionalLong regionBytes() {
    return OptionalLong.of(pool.region().byteSize());
  }

  @Override
  public double fragmentation(long liveBytes) {
    PoolStats stats = pool.stats();
    PoolStats.Variable variable = stats.variable();
    return variable == null
        ? internal(stats.usedBytes(), liveBytes)
        : variable.externalFragmentationPercent() / 100;
  }

  private static double internal(long usedBytes, long liveBytes) {
    return usedBytes == 0 ? 0 : Math.max(0, 1 - (double) liveBytes / usedBytes);
  }

  @Override
  public List<String> verify() {
    return pool.verify().findings();
  }

  @Override
  public void close() {
    closer.run();
  }
}
