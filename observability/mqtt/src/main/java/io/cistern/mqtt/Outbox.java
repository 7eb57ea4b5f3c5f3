package io.cistern.mqtt;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps every event until the broker has acknowledged it. A few are under way at a time, in their
 * order; what is under way when a connection ends is sent again, first, over the next one. So
 * nothing is lost that was once taken out of the ring, and a broker may get something twice.
 *
 * <pre>
 * given = sent + refused + dropped + under way + to be sent + in the ring
 * </pre>
 *
 * <p>A connection may end because of what was sent: mosquitto, for one, answers what is too long
 * for it with something that is no MQTT. Then one event at a time is sent, and one over which the
 * next connection ends in the same way is given up: it must not keep all others waiting for ever.
 *
 * <p>For the thread of the diagnostics alone.
 */
final class Outbox {
  static final int MOST_UNDER_WAY = 32;

  private final EventRing ring;
  private final Json json;
  private final String topic;
  private final Report report;
  private final Deque<Parcel> toSend = new ArrayDeque<>();
  private final Map<Long, Parcel> underWay = new LinkedHashMap<>();
  private boolean careful;
  private long expected;
  private long sent;
  private long dropped;
  private long refused;

  /** Who brings what became of a message to the thread of the diagnostics, by {@link #settle}. */
  interface Report {
    void settled(long seq, Delivery delivery);
  }

  /** An event to be told; written anew each time, since a broker may allow less than another. */
  private record Parcel(long seq, Event event) {
    /** Whether it only stands for others, which are counted already. */
    boolean isNote() {
      return event.type() == Event.Type.DROPPED;
    }
  }

  Outbox(EventRing ring, Json json, String topic, Report report) {
    this.ring = ring;
    this.json = json;
    this.topic = topic;
    this.report = report;
  }

  /** Sends as much as may be under way. */
  void pump(Connection connection) {
    while (underWay.size() < (careful ? 1 : MOST_UNDER_WAY)) {
      Parcel next = next();
      if (next == null) {
        return;
      }
      byte[] payload = json.event(next.seq, next.event);
      underWay.put(next.seq, next);
      connection.send(
          topic, payload, Connection.Manner.ONCE, delivery -> report.settled(next.seq, delivery));
    }
  }

  private @Nullable Parcel next() {
    if (toSend.isEmpty()) {
      EventRing.Entry entry = ring.poll();
      if (entry != null) {
        take(entry);
      }
    }
    return toSend.poll();
  }

  private void take(EventRing.Entry entry) {
    long seq = entry.seq();
    if (seq > expected) {
      dropped += seq - expected;
      toSend.add(new Parcel(seq - 1, Event.dropped(expected, seq - 1)));
    }
    toSend.add(new Parcel(seq, entry.event()));
    expected = seq + 1;
  }

  /** Notes what became of an event; a reason when the broker refused it. */
  @Nullable String settle(long seq, Delivery delivery) {
    if (delivery.outcome() == Delivery.Outcome.LOST) {
      return null;
    }
    Parcel settled = underWay.remove(seq);
    if (settled == null) {
      return null;
    }
    careful &= !toSend.isEmpty();
    boolean taken = delivery.outcome() == Delivery.Outcome.TAKEN;
    if (!settled.isNote()) {
      sent += taken ? 1 : 0;
      refused += taken ? 0 : 1;
    }
    return taken ? null : delivery.reason();
  }

  /**
   * The connection has ended: what was under way is to be sent again.
   *
   * @param byWhatWasSent whether that may have been the cause
   */
  void end(boolean byWhatWasSent) {
    List<Parcel> again = new ArrayList<>(underWay.values());
    underWay.clear();
    if (byWhatWasSent && careful && !again.isEmpty()) {
      refused += again.getFirst().isNote() ? 0 : 1;
      again.removeFirst();
    }
    careful |= byWhatWasSent;
    Collections.reverse(again);
    again.forEach(toSend::addFirst);
  }

  boolean isEmpty() {
    return underWay.isEmpty() && toSend.isEmpty() && ring.waiting() == 0;
  }

  Json.Counts counts() {
    long waiting = underWay.values().stream().filter(parcel -> !parcel.isNote()).count();
    waiting += toSend.stream().filter(parcel -> !parcel.isNote()).count();
    return new Json.Counts(sent, waiting + ring.waiting(), dropped, refused);
  }
}
