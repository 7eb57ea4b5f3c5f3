package io.cistern;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Lets an occasion pass once in an interval, for each name by itself, and counts those that it held
 * back. Of several threads that come at once, one passes.
 */
final class RateLimit {
  /** Answer for an occasion that does not pass. */
  static final long HELD_BACK = -1;

  private final long intervalNanos;
  private final LongSupplier nanos;
  private final ConcurrentMap<String, Last> names = new ConcurrentHashMap<>();

  RateLimit(long intervalNanos, LongSupplier nanos) {
    this.intervalNanos = intervalNanos;
    this.nanos = nanos;
  }

  /** When the last one passed, and how many have been held back since. */
  private static final class Last {
    final AtomicLong passedNanos;
    final AtomicLong heldBack = new AtomicLong();

    Last(long nanos) {
      this.passedNanos = new AtomicLong(nanos);
    }
  }

  /** How many were held back since the last one that passed, or {@link #HELD_BACK}. */
  long pass(String name) {
    long now = nanos.getAsLong();
    Last last = names.get(name);
    if (last == null) {
      last = names.computeIfAbsent(name, first -> new Last(now - intervalNanos));
    }
    long before = last.passedNanos.get();
    if (now - before < intervalNanos || !last.passedNanos.compareAndSet(before, now)) {
      last.heldBack.incrementAndGet();
      return HELD_BACK;
    }
    return last.heldBack.getAndSet(0);
  }
}
