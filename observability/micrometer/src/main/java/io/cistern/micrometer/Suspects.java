package io.cistern.micrometer;

import io.cistern.LeakReport;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who holds blocks for long, looked at now and then: a report walks over all traces of live blocks,
 * which is too much for each scrape. Safe for use by several threads.
 */
final class Suspects {
  private final PoolManager manager;
  private final Duration olderThan;
  private final long everyNanos;
  private final LongSupplier nanos;
  private @Nullable List<LeakReport> last;
  private long lastNanos;

  Suspects(PoolManager manager, Duration olderThan, Duration every, LongSupplier nanos) {
    this.manager = manager;
    this.olderThan = olderThan;
    this.everyNanos = every.toNanos();
    this.nanos = nanos;
  }

  /** One report a pool; the same ones until it is time to look again. */
  synchronized List<LeakReport> reports() {
    long now = nanos.getAsLong();
    List<LeakReport> known = last;
    if (known == null || now - lastNanos >= everyNanos) {
      known = manager.pools().stream().map(this::report).toList();
      last = known;
      lastNanos = now;
    }
    return known;
  }

  private LeakReport report(MemoryPool pool) {
    return pool.report(olderThan);
  }
}
