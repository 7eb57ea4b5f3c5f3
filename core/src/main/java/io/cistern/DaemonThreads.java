package io.cistern;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads for what users gave us to call: made when needed, gone a second after, and never in the
 * way of the JVM's end. Platform threads, because foreign code may block in ways that hold a
 * carrier, and must go on when all carriers are busy with those who wait for it. They inherit
 * nothing from the thread that happens to start them.
 */
final class DaemonThreads {
  private static final long IDLE_SECONDS = 1;

  private DaemonThreads() {}

  /** A thread for each task that finds no idle one; nothing is queued. */
  static ThreadPoolExecutor asNeeded(String name) {
    return executor(0, Integer.MAX_VALUE, new SynchronousQueue<>(), name);
  }

  /**
   * One thread, so one task after the other in their order; more than so many waiting are refused.
   */
  static ThreadPoolExecutor one(String name, int waiting) {
    ThreadPoolExecutor one = executor(1, 1, new ArrayBlockingQueue<>(waiting), name);
    one.allowCoreThreadTimeOut(true);
    return one;
  }

  private static ThreadPoolExecutor executor(
      int core, int most, BlockingQueue<Runnable> queue, String name) {
    return new ThreadPoolExecutor(
        core, most, IDLE_SECONDS, TimeUnit.SECONDS, queue, task -> thread(name, task));
  }

  private static Thread thread(String name, Runnable task) {
    Thread thread =
        Thread.ofPlatform()
            .name(name)
            .daemon()
            .inheritInheritableThreadLocals(false)
            .unstarted(task);
    thread.setContextClassLoader(null);
    return thread;
  }
}
