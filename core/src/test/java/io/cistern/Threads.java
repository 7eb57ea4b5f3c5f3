package io.cistern;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.awaitility.Awaitility;

/** Threads for tests: started together, joined with a limit, and what they throw is thrown. */
final class Threads {
  private static final long LIMIT_SECONDS = 30;

  private Threads() {}

  /** What a thread of a test does. */
  interface Work {
    void run(int thread) throws Exception;
  }

  /** Runs the work on so many threads at once and returns when all have ended. */
  static void together(int threads, Thread.Builder kind, Work work) throws Exception {
    CyclicBarrier start = new CyclicBarrier(threads);
    List<FutureTask<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int thread = i;
      tasks.add(
          start(
              kind,
              () -> {
                start.await(LIMIT_SECONDS, SECONDS);
                work.run(thread);
                return null;
              }));
    }
    for (FutureTask<Void> task : tasks) {
      get(task);
    }
  }

  /** Calls something on another thread and waits for its answer. */
  static <T> T elsewhere(Callable<T> call) throws Exception {
    return get(start(Thread.ofPlatform(), call));
  }

  static <T> FutureTask<T> start(Thread.Builder kind, Callable<T> call) {
    FutureTask<T> task = new FutureTask<>(call);
    kind.unstarted(task).start();
    return task;
  }

  /** The answer, or what was thrown instead of it. */
  static <T> T get(FutureTask<T> task) throws Exception {
    try {
      return task.get(LIMIT_SECONDS, SECONDS);
    } catch (ExecutionException thrown) {
      throw new AssertionError("a thread of this test failed", thrown.getCause());
    }
  }

  /** Polls until the condition holds. */
  static void until(String what, Callable<Boolean> condition) {
    Awaitility.await(what)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .atMost(Duration.ofSeconds(LIMIT_SECONDS))
        .until(condition);
  }

  /** Polls until so many threads wait for a block of the pool. */
  static void untilWaiting(MemoryPool pool, int threads) {
    until(threads + " threads wait", () -> pool.stats().waiting() == threads);
  }
}
