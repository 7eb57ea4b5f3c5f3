package io.cistern.misuse;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** Work on other threads; what they throw is thrown to the caller as it is. */
public final class Elsewhere {
  private static final long LIMIT_SECONDS = 20;

  private Elsewhere() {}

  /**
   * Runs a call on another thread until it ends.
   *
   * @param call to be run
   * @throws Throwable what the call throws
   */
  public static void run(Call call) throws Throwable {
    get(
        start(() -> {
          call.run();
          return true;
        }));
  }

  static <T> FutureTask<T> start(ThrowingCallable<T> call) {
    FutureTask<T> task = new FutureTask<>(unchecked(call));
    Thread.ofPlatform().daemon().start(task);
    return task;
  }

  private static <T> Callable<T> unchecked(ThrowingCallable<T> call) {
    return () -> {
      try {
        return call.call();
      } catch (Exception | Error thrown) {
        throw thrown;
      } catch (Throwable other) {
        throw new AssertionError(other);
      }
    };
  }

  /** The answer, or what was thrown instead of it. */
  static <T> T get(FutureTask<T> task) throws Throwable {
    try {
      return task.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException thrown) {
      throw thrown.getCause() == null ? thrown : thrown.getCause();
    }
  }

  /** Waits until a thread is inside a method. */
  static void untilIn(Thread thread, String method) {
    until(
        thread + " is in " + method,
        () ->
            Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals(method)));
  }

  /** Polls until the condition holds. */
  static void until(String what, Callable<Boolean> condition) {
    Awaitility.await(what)
        .pollInSameThread()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .atMost(Duration.ofSeconds(LIMIT_SECONDS))
        .until(condition);
  }

  /** A call with a result that may throw anything. */
  @FunctionalInterface
  interface ThrowingCallable<T> {
    T call() throws Throwable;
  }
}
