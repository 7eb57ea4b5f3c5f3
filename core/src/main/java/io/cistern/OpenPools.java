package io.cistern;

import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

/**
 * The pools that are open in this process, for tools that look after all of them: test extensions,
 * consoles. Known from {@link MemoryPool.Builder#build()} on, those of a {@link PoolManager} too.
 *
 * <p>Held weakly: a pool that nobody refers to any more is forgotten, closed or not. Threads: any.
 * Cost: a lock and a walk over what is open, when a pool is opened and when they are listed.
 */
public final class OpenPools {
  private static final Deque<WeakReference<MemoryPool>> POOLS = new ArrayDeque<>();

  private OpenPools() {}

  /** Makes a pool known; the same pool. */
  static MemoryPool add(MemoryPool pool) {
    synchronized (POOLS) {
      forgetClosed();
      POOLS.add(new WeakReference<>(pool));
    }
    return pool;
  }

  private static void forgetClosed() {
    POOLS.removeIf(reference -> {
      MemoryPool pool = reference.get();
      return pool == null || pool.isClosed();
    });
  }

  /**
   * What is open now.
   *
   * @return the pools in the order in which they were opened, without those that are closed
   */
  public static List<MemoryPool> list() {
    synchronized (POOLS) {
      forgetClosed();
      return POOLS.stream().map(WeakReference::get).filter(Objects::nonNull).toList();
    }
  }
}
