package io.cistern.benchmarks.subject;

import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Runs benchmarks on the kind of thread that Netty's own event loops are. JMH makes one by this
 * class's name.
 */
public final class FastThreads extends ThreadPoolExecutor {
  /**
   * An executor as JMH asks for it.
   *
   * @param threads how many
   * @param name first part of their names
   */
  public FastThreads(int threads, String name) {
    super(
        threads,
        threads,
        0,
        TimeUnit.MILLISECONDS,
        new LinkedBlockingQueue<>(),
        task -> new FastThreadLocalThread(task, name));
  }
}
