package io.cistern.concurrency.lock;

import io.cistern.concurrency.Meeting;
import io.cistern.internal.BiasedLock;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The state of a race for a lock: two plain counters that it guards. The first who comes is given
 * the bias, and the second takes it away; then there is none for a second, which a race can cut
 * short.
 */
abstract class LockRace extends Meeting {
  private static final MethodHandle BACKOFF;
  private static final MethodHandle END;

  static {
    try {
      MethodHandles.Lookup lookup =
          MethodHandles.privateLookupIn(BiasedLock.class, MethodHandles.lookup());
      Field backoff = BiasedLock.class.getDeclaredField("backoff");
      BACKOFF =
          lookup
              .unreflectGetter(backoff)
              .asType(MethodType.methodType(Object.class, BiasedLock.class));
      END =
          lookup
              .findVirtual(backoff.getType(), "end", MethodType.methodType(void.class))
              .asType(MethodType.methodType(void.class, Object.class));
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  final BiasedLock lock;
  private volatile boolean going = true;
  int first;
  int second;

  LockRace(@Nullable Thread only) {
    lock = new BiasedLock(only);
  }

  /** Counts with both counters, so many times. */
  final void count(int times) {
    for (int i = 0; i < times; i++) {
      boolean plain = lock.lock();
      first++;
      stay();
      second++;
      lock.unlock(plain);
    }
  }

  /** As {@link #count}, and each time the bias may be given again at once. */
  final void countAndGiveBack(int times) {
    for (int i = 0; i < times; i++) {
      boolean plain = lock.lock();
      first++;
      stay();
      second++;
      giveBack();
      lock.unlock(plain);
    }
  }

  /** Stays inside for a random while, in which the JVM can stop the thread. */
  private void stay() {
    int turns = ThreadLocalRandom.current().nextInt(1 << ThreadLocalRandom.current().nextInt(8));
    while (turns > 0 && going) {
      turns--;
    }
  }

  /** Under the lock. */
  private void giveBack() {
    try {
      END.invokeExact(BACKOFF.invokeExact(lock));
    } catch (Throwable impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
