package io.cistern.mqtt;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Hands events from the threads that cause them to the one that sends them, and keeps the youngest
 * of them while nobody can be reached. Producers never wait: each takes the next number of a
 * counter and writes over whatever is in that number's slot.
 *
 * <pre>
 * slot of number n         n % capacity
 * an older number there    dropped, by being written over
 * a younger number there   this one is dropped: its producer slept for a whole round
 * </pre>
 *
 * Numbers go without a gap, so the reader knows exactly what was dropped from the numbers that it
 * does not meet, and nobody has to count. An event is made before its number is taken, so nothing
 * can fail between the two.
 *
 * <p>{@link #offer} is for any threads, lock-free; {@link #poll} and {@link #waiting} are for one.
 */
final class EventRing {
  private final AtomicReferenceArray<@Nullable Entry> slots;
  private final AtomicLong tail = new AtomicLong();
  private long head;

  /** An event and its number, which is set before others can see it. */
  static final class Entry {
    private final Event event;
    private long seq;

    private Entry(Event event) {
      this.event = event;
    }

    Event event() {
      return event;
    }

    long seq() {
      return seq;
    }
  }

  /**
   * Empty.
   *
   * @param capacity most events that wait
   */
  EventRing(int capacity) {
    slots = new AtomicReferenceArray<>(capacity);
  }

  void offer(Event event) {
    Entry mine = new Entry(event);
    mine.seq = tail.getAndIncrement();
    int slot = slot(mine.seq);
    Entry there = slots.get(slot);
    while ((there == null || there.seq < mine.seq) && !slots.compareAndSet(slot, there, mine)) {
      there = slots.get(slot);
    }
  }

  /**
   * The oldest that is left; null when there is none, or its producer is just about to store it.
   */
  @Nullable Entry poll() {
    long end = tail.get();
    head = Math.max(head, end - slots.length());
    while (head < end) {
      int slot = slot(head);
      Entry there = slots.get(slot);
      if (there == null || there.seq < head) {
        return null;
      }
      boolean taken = there.seq == head && slots.compareAndSet(slot, there, null);
      head++;
      if (taken) {
        return there;
      }
    }
    return null;
  }

  /** How many wait. */
  long waiting() {
    return Math.min(tail.get() - head, slots.length());
  }

  private int slot(long seq) {
    return (int) (seq % slots.length());
  }
}
