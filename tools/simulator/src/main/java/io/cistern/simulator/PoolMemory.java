package io.cistern.simulator;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.PoolStats;
import io.cistern.config.PoolOptions;
import io.cistern.config.Profile;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;

/** A pool of ours. Closing it finds out whether a replay has left blocks behind. */
final class PoolMemory implements Memory {
  private final MemoryPool pool;
  private final boolean isOnePiece;
  private final Runnable closer;

  private PoolMemory(MemoryPool pool, boolean isOnePiece, Runnable closer) {
    this.pool = pool;
    this.isOnePiece = isOnePiece;
    this.closer = closer;
  }

  static PoolMemory ofProfile(Profile profile) {
    String name = poolOf(profile);
    PoolOptions options =
        profile.pools().stream()
            .filter(spec -> spec.name().equals(name))
            .findFirst()
            .orElseThrow()
            .options();
    PoolManager manager = profile.open();
    return new PoolMemory(manager.pool(name), isOnePiece(options), manager::close);
  }

  /** Whether all that the pool may give lies in one region, where it has an offset. */
  private static boolean isOnePiece(PoolOptions options) {
    PoolOptions.Fallback fallback = options.fallback();
    PoolOptions.Regions regions = options.regions();
    return options.enabled()
        && !fallback.shared()
        && fallback.bytes() == 0
        && regions.least() == 1
        && regions.most() == 1;
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
    return new PoolMemory(pool, true, pool::close);
  }

  @Override
  public Lane lane(int blocks) {
    return new PoolLane(pool, isOnePiece, blocks);
  }

  @Override
  public OptionalLong regionBytes() {
    return OptionalLong.of(pool.stats().regionBytes());
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
