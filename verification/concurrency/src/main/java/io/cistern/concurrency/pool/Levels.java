package io.cistern.concurrency.pool;

import io.cistern.MemoryPool;
import io.cistern.PoolListener;
import io.cistern.PressureLevel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Pools whose pressure is followed by a listener: it adds up the steps of its tier, since events of
 * different threads may arrive in any order.
 */
final class Levels {
  private static final Map<String, AtomicInteger> TOLD = new ConcurrentHashMap<>();
  private static final AtomicInteger OPENED = new AtomicInteger();

  private Levels() {}

  /** A pool of two blocks: low with one used, critical with two. */
  static MemoryPool open() {
    String name = "followed " + OPENED.incrementAndGet();
    AtomicInteger told = new AtomicInteger();
    TOLD.put(name, told);
    return MemoryPool.builder()
        .name(name)
        .tier(PoolRace.SIZE, 2)
        .thresholds(50, 100)
        .listener(new Follower(told))
        .build();
  }

  /** 0 when listeners were told that the level is this, 1 when they were not. */
  static int differs(MemoryPool pool, PressureLevel level) {
    AtomicInteger told = TOLD.get(pool.name());
    return told != null && told.get() == rank(level) ? 0 : 1;
  }

  private static int rank(PressureLevel level) {
    return switch (level) {
      case NORMAL -> 0;
      case LOW -> 1;
      case CRITICAL -> 2;
    };
  }

  private record Follower(AtomicInteger told) implements PoolListener {
    @Override
    public void onPressureChanged(PressureChange change) {
      if (change.tierBlockSizeBytes() != 0) {
        told.addAndGet(rank(change.to()) - rank(change.from()));
      }
    }
  }
}
