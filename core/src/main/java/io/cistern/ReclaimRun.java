package io.cistern;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One pass over the reclaimers, for one pool. Whoever needs memory of that pool while it is under
 * way adds what is missing to what is wanted, and waits:
 *
 * <pre>
 * wanted = sum of what all who joined asked for        freed = sum of what was said to be freed
 * it goes on while freed &lt; wanted and the deadline has not passed
 * </pre>
 *
 * It is over when it has found enough, when no reclaimer is left, or when somebody finds that its
 * time is up; it is over once, under the lock of {@link Reclaimers}.
 */
final class ReclaimRun {
  final String pool;
  final PressureLevel level;
  final long deadlineNanos;

  /** Whose call is under way; read and written under the lock of {@link Reclaimers}. */
  @Nullable ReclaimerEntry calling;

  private final AtomicLong wanted = new AtomicLong();
  private final AtomicLong freed = new AtomicLong();
  private final long startNanos = System.nanoTime();
  private final CountDownLatch over = new CountDownLatch(1);

  ReclaimRun(Reclaimer.Request first, long timeNanos) {
    this.pool = first.pool();
    this.level = first.level();
    this.deadlineNanos = startNanos + timeNanos;
    join(first);
  }

  /** How long ago it began. */
  Duration age() {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  /** Whether what it frees is what this request wants. */
  boolean serves(Reclaimer.Request request) {
    return pool.equals(request.pool());
  }

  /** Adds what is missing; under the lock of {@link Reclaimers}. */
  void join(Reclaimer.Request request) {
    wanted.accumulateAndGet(request.bytesWanted(), ReclaimRun::sum);
  }

  void add(long bytes) {
    freed.accumulateAndGet(bytes, ReclaimRun::sum);
  }

  /** Sums of what users say: they stay at the largest number instead of turning negative. */
  static long sum(long one, long other) {
    return one > Long.MAX_VALUE - other ? Long.MAX_VALUE : one + other;
  }

  boolean hasFreed() {
    return freed.get() > 0;
  }

  /** Enough is said to be freed; a request for 0 bytes wants any. */
  boolean isSatisfied() {
    return freed.get() >= Math.max(1, wanted.get());
  }

  /** What the next reclaimer is asked for. */
  Reclaimer.Request request() {
    long missing = Math.max(0, wanted.get() - freed.get());
    return new Reclaimer.Request(pool, missing, level, deadlineNanos);
  }

  boolean isLate() {
    return System.nanoTime() - deadlineNanos >= 0;
  }

  boolean isOver() {
    return over.getCount() == 0;
  }

  void end() {
    over.countDown();
  }

  /**
   * Waits for the end, until the earlier of both deadlines; an interrupt is kept for later, since
   * the wait is short.
   */
  void await(long otherDeadlineNanos) {
    boolean interrupted = false;
    long now = System.nanoTime();
    long left = Math.min(deadlineNanos - now, otherDeadlineNanos - now);
    long until = now + left;
    while (left > 0) {
      try {
        if (over.await(left, TimeUnit.NANOSECONDS)) {
          break;
        }
      } catch (InterruptedException kept) {
        interrupted = true;
      }
      left = until - System.nanoTime();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
