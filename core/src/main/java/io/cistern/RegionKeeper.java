package io.cistern;

import io.cistern.internal.SystemMemory;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/**
 * Looks after the pools whose regions come and go: one daemon thread for all of them, from the
 * first that is opened to the last that is closed, which looks fifty times a second. It takes a
 * region before it is needed, so that no allocation has to wait for it unless a pool fills up in
 * less than that, and gives back what is idle.
 */
final class RegionKeeper implements Runnable {
  private static final System.Logger LOG = System.getLogger("io.cistern");
  private static final long PAUSE_NANOS = 20_000_000;
  private static final CopyOnWriteArrayList<Governor> ALL = new CopyOnWriteArrayList<>();
  private static boolean isRunning;

  private RegionKeeper() {}

  static synchronized void keep(Governor pool) {
    ALL.addIfAbsent(pool);
    if (!isRunning) {
      isRunning = true;
      Thread thread = new Thread(new RegionKeeper(), "cistern-regions");
      thread.setDaemon(true);
      thread.start();
    }
  }

  static synchronized void leave(Governor pool) {
    ALL.remove(pool);
  }

  private static synchronized boolean ends() {
    isRunning = !ALL.isEmpty();
    return !isRunning;
  }

  @Override
  public void run() {
    while (!ends()) {
      boolean trimmed = false;
      for (Governor pool : ALL) {
        trimmed |= lookAfter(pool);
      }
      if (trimmed) {
        SystemMemory.giveBackFreePages();
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private static boolean lookAfter(Governor pool) {
    try {
      return pool.keepRegions(System.nanoTime());
    } catch (RuntimeException | OutOfMemoryError thrown) {
      LOG.log(System.Logger.Level.WARNING, "regions of a pool could not be looked after", thrown);
      return false;
    }
  }
}
