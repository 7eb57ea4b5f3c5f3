package io.cistern.io;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Java heap bytes that the calling thread has allocated. By reflection, because this room, whose
 * module these tests are part of, does not read java.management.
 */
final class AllocatedBytes {
  private static final MethodHandle CURRENT_THREAD = currentThread();

  private AllocatedBytes() {}

  private static MethodHandle currentThread() {
    try {
      Object bean =
          Class.forName("java.lang.management.ManagementFactory")
              .getMethod("getThreadMXBean")
              .invoke(null);
      return MethodHandles.publicLookup()
          .findVirtual(
              Class.forName("com.sun.management.ThreadMXBean"),
              "getCurrentThreadAllocatedBytes",
              MethodType.methodType(long.class))
          .bindTo(bean);
    } catch (ReflectiveOperationException missing) {
      throw new IllegalStateException("no thread allocation figures in this JVM", missing);
    }
  }

  private static long now() {
    try {
      return (long) CURRENT_THREAD.invokeExact();
    } catch (Throwable thrown) {
      throw new IllegalStateException(thrown);
    }
  }

  /**
   * Bytes per repetition once the code is warm: rounds are run until one needs no more than the
   * limit, or for ten seconds, since the JIT compiles at its own pace.
   */
  static double perRepetition(int repetitions, double limit, Runnable round) {
    double least = Double.MAX_VALUE;
    long end = System.nanoTime() + 10_000_000_000L;
    while (least > limit && System.nanoTime() < end) {
      long before = now();
      round.run();
      least = Math.min(least, (double) (now() - before) / repetitions);
    }
    return least;
  }
}
