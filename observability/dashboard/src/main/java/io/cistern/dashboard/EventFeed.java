package io.cistern.dashboard;

import io.cistern.ManagerListener;
import io.cistern.ManagerPressure;
import io.cistern.ManagerStats;
import io.cistern.PoolListener;
import io.cistern.PoolStats;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What has happened, newest last, at most {@value #MOST}. Two sources: what the manager tells, and
 * what two snapshots a second apart differ in.
 *
 * <pre>
 * a refused request ──► counted, and the last one kept: one event a pool in ten seconds, however many
 * a level           ──► a bounded queue; what does not fit is counted
 * frees refused, damage, lost blocks, regions ──► found in the snapshot
 * </pre>
 *
 * <p>Whoever tells is never held up: refused requests cost two atomic operations. All else is done
 * by the hub's thread.
 */
final class EventFeed implements ManagerListener {
  static final int MOST = 500;
  private static final int MOST_QUEUED = 256;
  private static final long QUIET_MILLIS = 10_000;

  private record Event(
      long sequence, long timeMillis, String kind, String severity, String pool, String message) {}

  /** Requests of one pool that were refused since the last second. */
  private static final class Refused {
    final AtomicLong count = new AtomicLong();
    final AtomicReference<PoolListener.Exhaustion> last = new AtomicReference<>();

    /** When it was last told, of the hub's thread. */
    long toldMillis;
  }

  private final Map<String, Refused> refused = new LinkedHashMap<>();
  private final ArrayBlockingQueue<ManagerPressure> levels = new ArrayBlockingQueue<>(MOST_QUEUED);
  private final AtomicLong missed = new AtomicLong();

  // of the hub's thread
  private final Deque<Event> events = new ArrayDeque<>();
  private ManagerStats before;
  private long last;

  EventFeed(ManagerStats now) {
    this.before = now;
    now.pools().forEach(pool -> refused.put(pool.pool(), new Refused()));
  }

  @Override
  public void onExhausted(PoolListener.Exhaustion exhaustion) {
    Refused of = refused.get(exhaustion.pool());
    if (of != null) {
      of.last.set(exhaustion);
      of.count.incrementAndGet();
    }
  }

  @Override
  public void onPressureChanged(ManagerPressure change) {
    if (!levels.offer(change)) {
      missed.incrementAndGet();
    }
  }

  /** Once a second. */
  void compare(ManagerStats now) {
    for (ManagerPressure change = levels.poll(); change != null; change = levels.poll()) {
      add(now, "PRESSURE", severity(change), change.pool(), change.message());
    }
    long lost = missed.getAndSet(0);
    if (lost > 0) {
      add(now, "PRESSURE", "warning", "", "%,d more changes of level".formatted(lost));
    }
    refused.forEach((pool, of) -> refused(now, pool, of));
    for (int at = 0; at < now.pools().size(); at++) {
      compare(now, before.pools().get(at), now.pools().get(at));
    }
    before = now;
  }

  private static String severity(ManagerPressure change) {
    return switch (change.to()) {
      case NORMAL -> "info";
      case LOW -> "warning";
      case CRITICAL -> "critical";
    };
  }

  private void refused(ManagerStats now, String pool, Refused of) {
    PoolListener.Exhaustion exhaustion = of.last.get();
    if (exhaustion == null || now.timeMillis() - of.toldMillis < QUIET_MILLIS) {
      return;
    }
    long count = of.count.getAndSet(0);
    if (count > 0) {
      of.toldMillis = now.timeMillis();
      add(now, "EXHAUSTED", "critical", pool, text(count, exhaustion));
    }
  }

  private static String text(long count, PoolListener.Exhaustion last) {
    return "%,d %s refused, the last for %,d B: largest free %,d B, used %,d of %,d B"
        .formatted(
            count,
            count == 1 ? "request" : "requests",
            last.requestedBytes(),
            last.largestFreeBytes(),
            last.usedBytes(),
            last.limitBytes());
  }

  private void compare(ManagerStats now, PoolStats then, PoolStats is) {
    more(now, is, "VIOLATION", then.violations(), is.violations(), "%,d wrong frees (%,d in all)");
    more(
        now,
        is,
        "DAMAGE",
        then.checks().damages(),
        is.checks().damages(),
        "%,d writes to memory of others (%,d in all)");
    more(
        now,
        is,
        "LOST",
        then.checks().lost(),
        is.checks().lost(),
        "%,d blocks whose owners were collected (%,d in all)");
    int regions = is.regions().count() - then.regions().count();
    if (regions != 0) {
      String text = "%+d regions, %d now".formatted(regions, is.regions().count());
      add(now, "REGIONS", "info", is.pool(), text);
    }
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  private void more(
      ManagerStats now, PoolStats pool, String kind, long then, long is, String text) {
    if (is > then) {
      add(now, kind, "critical", pool.pool(), text.formatted(is - then, is));
    }
  }

  private void add(ManagerStats now, String kind, String severity, String pool, String message) {
    events.addLast(new Event(++last, now.timeMillis(), kind, severity, pool, message));
    if (events.size() > MOST) {
      events.removeFirst();
    }
  }

  /** The number of the newest. */
  long last() {
    return last;
  }

  /** Those that came after one, as far as they are kept. */
  ObjectNode after(long sequence) {
    ObjectNode message = Json.message("events");
    ArrayNode list = message.putArray("events");
    events.stream()
        .filter(event -> event.sequence > sequence)
        .forEach(event -> list.add(Json.MAPPER.valueToTree(event)));
    return message;
  }
}
