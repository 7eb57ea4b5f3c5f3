package io.cistern;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * A registered reclaimer, what it did, and the one call of it that may be under way.
 *
 * <p>While a call is under way, its thread and all threads that it starts carry a mark, by which an
 * allocation finds out that it came from inside of a reclaimer. The mark is taken back when the
 * call returns, so threads that outlive it are like others again.
 */
final class ReclaimerEntry {
  private static final System.Logger LOG = System.getLogger("io.cistern");

  /** True while the call is under way that this thread, or one that started it, is part of. */
  private static final InheritableThreadLocal<AtomicBoolean> INSIDE =
      new InheritableThreadLocal<>();

  final String name;
  final int priority;
  private final Reclaimer reclaimer;

  private final AtomicBoolean running = new AtomicBoolean();
  private final LongAdder runs = new LongAdder();
  private final AtomicLong freedBytes = new AtomicLong();
  private final LongAdder timeouts = new LongAdder();
  private final LongAdder failures = new LongAdder();

  ReclaimerEntry(int priority, String name, Reclaimer reclaimer) {
    this.priority = priority;
    this.name = name;
    this.reclaimer = reclaimer;
  }

  /** Whether the calling thread works for a reclaimer that has not returned. */
  static boolean isInside() {
    AtomicBoolean mark = INSIDE.get();
    if (mark == null) {
      INSIDE.remove(); // a look shall leave nothing behind in every thread
      return false;
    }
    return mark.get();
  }

  /** Takes the right to call it; false while an earlier call has not returned. */
  boolean claim() {
    return running.compareAndSet(false, true);
  }

  void timedOut() {
    timeouts.increment();
  }

  /** Gives up the claim. */
  void release() {
    running.set(false);
  }

  /** Calls it, once claimed; the bytes that it says to have freed. */
  long call(Reclaimer.Request request) {
    AtomicBoolean mark = new AtomicBoolean(true);
    INSIDE.set(mark);
    runs.increment();
    try {
      long freed = Math.max(0, reclaimer.reclaim(request));
      freedBytes.accumulateAndGet(freed, ReclaimRun::sum);
      return freed;
    } catch (Throwable thrown) {
      failures.increment();
      LOG.log(System.Logger.Level.WARNING, "reclaimer '" + name + "' threw", thrown);
      return 0;
    } finally {
      mark.set(false);
      INSIDE.remove();
    }
  }

  ReclaimerStats stats() {
    return new ReclaimerStats(
        name,
        priority,
        runs.sum(),
        freedBytes.get(),
        timeouts.sum(),
        failures.sum(),
        running.get());
  }
}
