package io.cistern.concurrency.stress;

import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeoutException;

/**
 * What all stress runs share. {@code -Dcistern.stress=10} makes every run ten times as long, {@code
 * -Dcistern.seed=…} repeats the random choices of a run that printed that seed; how the threads
 * interleave is up to the machine.
 */
final class Stress {
  private static final double FACTOR =
      Double.parseDouble(System.getProperty("cistern.stress", "1"));
  private static final long SEED = Long.getLong("cistern.seed", System.nanoTime());
  private static final long LIMIT_SECONDS = 120 + (long) (60 * FACTOR);

  private Stress() {}

  /** What a thread of a run does. */
  interface Work {
    void run(int thread) throws Exception;
  }

  /** A number of rounds or operations, times {@code cistern.stress}. */
  static int times(int count) {
    return (int) Math.max(1, count * FACTOR);
  }

  /** Prints what repeats a run. */
  static void printSeed(Class<?> test) {
    System.out.println(
        "%s: -Dcistern.seed=%d -Dcistern.stress=%s".formatted(test.getSimpleName(), SEED, FACTOR));
  }

  /** The random choices of one thread of a run. */
  static SplittableRandom random(int stream) {
    return new SplittableRandom(SEED + stream * 0x9E37_79B9_7F4A_7C15L);
  }

  /** Runs the work on so many new platform threads; returns when all have ended. */
  static void together(int threads, Work work) throws Exception {
    together(threads, Thread.ofPlatform().factory(), work);
  }

  /** Runs the work on so many new threads; returns when all have ended. */
  static void together(int threads, ThreadFactory kind, Work work) throws Exception {
    List<FutureTask<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int thread = i;
      tasks.add(
          new FutureTask<>(() -> {
            work.run(thread);
            return null;
          }));
    }
    tasks.forEach(task -> kind.newThread(task).start());
    long deadline = System.nanoTime() + SECONDS.toNanos(LIMIT_SECONDS);
    for (int i = 0; i < threads; i++) {
      await(tasks.get(i), deadline - System.nanoTime(), i, threads);
    }
  }

  private static void await(FutureTask<Void> task, long nanos, int thread, int threads)
      throws Exception {
    try {
      task.get(nanos, NANOSECONDS);
    } catch (TimeoutException stuck) {
      throw new AssertionError(
          "thread %d of %d has not ended within %d s".formatted(thread, threads, LIMIT_SECONDS),
          stuck);
    } catch (ExecutionException thrown) {
      throw new AssertionError("thread %d of %d".formatted(thread, threads), thrown.getCause());
    }
  }
}
