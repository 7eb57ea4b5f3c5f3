package io.cistern.jdk;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import javax.management.MBeanNotificationInfo;
import javax.management.Notification;
import javax.management.NotificationBroadcasterSupport;
import javax.management.NotificationFilter;
import javax.management.NotificationListener;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;

/**
 * Turns events of pools into the notifications of one bean. On the thread that causes an event only
 * what is cheap is done: is there anybody, is it time, into the {@link Outbox}. Texts and composite
 * data are made on the thread that delivers.
 *
 * <p>Of the kinds that come in storms one a second is told; the text of the next one says how many
 * were held back. Sequence numbers are counted a bean, in the order of the events, so a gap means
 * that some were dropped.
 */
final class Emitter extends NotificationBroadcasterSupport {
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final ObjectName source;
  private final Outbox outbox;
  private final LongSupplier nanos;
  private final Map<EventKind, Gate> gates = new EnumMap<>(EventKind.class);
  private final AtomicLong sequence = new AtomicLong();
  private volatile boolean heard;

  Emitter(ObjectName source, Outbox outbox, LongSupplier nanos) {
    super(
        new MBeanNotificationInfo(
            EventKind.types(), Notification.class.getName(), "What happens to the memory"));
    this.source = source;
    this.outbox = outbox;
    this.nanos = nanos;
    for (EventKind kind : EventKind.values()) {
      gates.put(kind, new Gate(kind.isLimited() ? INTERVAL_NANOS : 0, nanos.getAsLong()));
    }
  }

  @Override
  public void addNotificationListener(
      NotificationListener listener,
      @Nullable NotificationFilter filter,
      @Nullable Object handback) {
    heard = true;
    super.addNotificationListener(listener, filter, handback);
  }

  /**
   * Tells of an event, if anybody ever listened.
   *
   * @param text what is said, without what was held back
   * @param figures become the user data
   */
  void tell(EventKind kind, Supplier<String> text, Record figures) {
    if (!heard) {
      return;
    }
    long heldBack = Objects.requireNonNull(gates.get(kind)).pass(nanos.getAsLong());
    if (heldBack == Gate.SHUT) {
      return;
    }
    long number = sequence.incrementAndGet();
    long millis = System.currentTimeMillis();
    outbox.post(() ->
        send(
            new Notification(kind.type(), source, number, millis, text(text.get(), heldBack)),
            figures));
  }

  private void send(Notification notification, Record figures) {
    notification.setUserData(RecordData.of(figures));
    sendNotification(notification);
  }

  private static String text(String text, long heldBack) {
    return heldBack == 0 ? text : text + " (%,d more since the one before)".formatted(heldBack);
  }

  /** Lets one through in an interval; of several that come at once, one. */
  private static final class Gate {
    static final long SHUT = -1;

    private final long intervalNanos;
    private final AtomicLong opens;
    private final AtomicLong heldBack = new AtomicLong();

    Gate(long intervalNanos, long now) {
      this.intervalNanos = intervalNanos;
      this.opens = new AtomicLong(now);
    }

    /** How many were held back since the last one that passed, or {@link #SHUT}. */
    long pass(long now) {
      long at = opens.get();
      if (intervalNanos > 0 && (now - at < 0 || !opens.compareAndSet(at, now + intervalNanos))) {
        heldBack.incrementAndGet();
        return SHUT;
      }
      return heldBack.getAndSet(0);
    }
  }
}
