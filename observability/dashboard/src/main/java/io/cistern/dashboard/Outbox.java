package io.cistern.dashboard;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What is to be sent to one client: one message is under way, a few wait.
 *
 * <pre>
 * answers   always wait here; when there are {@value #MOST} the client's next message is not read
 * figures   only while nothing is under way: else the client is slow, and skips these
 * </pre>
 *
 * So what a client that does not read can make the process hold is bounded, and nobody waits for
 * it.
 */
final class Outbox {
  static final int MOST = 16;

  private record Message(boolean isText, ByteBuffer payload) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Message> waiting = new ArrayDeque<>();
  private @Nullable Link link;
  private boolean isUnderWay;
  private boolean isDemandOwed;

  /** From now on something can be sent. */
  void open(Link opened) {
    lock.lock();
    try {
      link = opened;
    } finally {
      lock.unlock();
    }
  }

  /** Whether all was sent. */
  boolean isIdle() {
    lock.lock();
    try {
      return link != null && !isUnderWay && waiting.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  void send(boolean isText, ByteBuffer payload) {
    lock.lock();
    try {
      waiting.add(new Message(isText, payload));
    } finally {
      lock.unlock();
    }
    pump();
  }

  /** Lets the client's next message in, once there is room for its answer. */
  void demand() {
    lock.lock();
    try {
      isDemandOwed = true;
    } finally {
      lock.unlock();
    }
    payDemand();
  }

  private void payDemand() {
    Link open;
    lock.lock();
    try {
      open = link;
      if (!isDemandOwed || waiting.size() >= MOST || open == null) {
        return;
      }
      isDemandOwed = false;
    } finally {
      lock.unlock();
    }
    open.demand();
  }

  private void pump() {
    Link open;
    Message next;
    lock.lock();
    try {
      open = link;
      if (isUnderWay || open == null || waiting.isEmpty()) {
        return;
      }
      next = waiting.remove();
      isUnderWay = true;
    } finally {
      lock.unlock();
    }
    open.send(next.isText, next.payload, this::sent);
  }

  private void sent() {
    lock.lock();
    try {
      isUnderWay = false;
    } finally {
      lock.unlock();
    }
    payDemand();
    pump();
  }
}
