package io.cistern.gateway;

import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;

/**
 * Warns of frames that were dropped because they are too large: the first at once, then at most one
 * line a minute that says how many there were. A client that floods cannot flood the log.
 */
final class OversizeWarnings {
  private static final System.Logger LOG = System.getLogger(OversizeWarnings.class.getName());
  private static final long INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final long limit;
  private long dropped;
  private long lastNanos;

  OversizeWarnings(long limit) {
    this.limit = limit;
    this.lastNanos = System.nanoTime() - INTERVAL_NANOS;
  }

  /** One more frame was dropped. */
  void dropped() {
    long count = due(System.nanoTime());
    if (count == 0) {
      return;
    }
    LOG.log(Level.WARNING, () -> "dropped %d frame(s) larger than %d B".formatted(count, limit));
  }

  /** How many a warning is due for now; 0 when it is too early for one. */
  synchronized long due(long now) {
    dropped++;
    if (now - lastNanos < INTERVAL_NANOS) {
      return 0;
    }
    lastNanos = now;
    long count = dropped;
    dropped = 0;
    return count;
  }
}
