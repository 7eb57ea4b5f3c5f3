package io.cistern;

import io.cistern.PoolListener.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * Those who hear what happens to one pool. They come and go at any time, from any thread; the list
 * is replaced as a whole, and an event goes to those that are on it when it is told.
 *
 * <pre>
 * something happens ──► hears(kind)?  no: nothing is put together
 *                          └─► outside of all locks: tell, on the thread that caused it
 *                          └─► under one: tellLater ──► unlock ──► tellUntold, by whoever comes first
 * </pre>
 *
 * <p>What a listener throws is logged and goes no further, to other listeners or to the pool.
 */
final class Listeners {
  private static final System.Logger LOG = System.getLogger("io.cistern");

  private final String pool;
  private final Queue<Consumer<PoolListener>> untold = new ConcurrentLinkedQueue<>();
  private volatile List<PoolListener> all;

  Listeners(String pool, List<PoolListener> first) {
    this.pool = pool;
    this.all = List.copyOf(first);
  }

  synchronized void add(PoolListener listener) {
    List<PoolListener> more = new ArrayList<>(all);
    more.add(listener);
    all = List.copyOf(more);
  }

  /** Takes the first that is equal off the list, if there is one. */
  synchronized void remove(PoolListener listener) {
    List<PoolListener> fewer = new ArrayList<>(all);
    fewer.remove(listener);
    all = List.copyOf(fewer);
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  /** Whether somebody wants to know of such an event now. */
  boolean hears(Kind kind) {
    for (PoolListener listener : all) {
      if (hears(listener, kind)) {
        return true;
      }
    }
    return false;
  }

  private boolean hears(PoolListener listener, Kind kind) {
    try {
      return listener.hears(kind);
    } catch (Throwable thrown) {
      logged(thrown);
      return false;
    }
  }

  /** Tells an event now; not to be called under a lock. */
  void tell(Consumer<PoolListener> event) {
    for (PoolListener listener : all) {
      try {
        event.accept(listener);
      } catch (Throwable thrown) {
        logged(thrown);
      }
    }
  }

  /** Keeps an event that was found under a lock for {@link #tellUntold}. */
  void tellLater(Consumer<PoolListener> event) {
    untold.add(event);
  }

  /** Tells what was found under a lock; to be called without. */
  void tellUntold() {
    for (Consumer<PoolListener> event = untold.poll(); event != null; event = untold.poll()) {
      tell(event);
    }
  }

  private void logged(Throwable thrown) {
    LOG.log(System.Logger.Level.WARNING, "a listener of pool '" + pool + "' threw", thrown);
  }
}
