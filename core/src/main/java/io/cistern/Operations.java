package io.cistern;

import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The open operations of one pool, and whose work each of them counts.
 *
 * <pre>
 * track ──► a tally for this thread ──► the first one: pool, take the slow path
 * slow path ──► allocated, freed, failed ──► the tallies of that thread, if any
 * close ──► no thread's tally any more ──► the last one: pool, take the fast path
 *   number of open tallies &gt; 0  =  the pool takes the slow path
 * </pre>
 *
 * <p>Threads are known by number, which is never used again, so that none is held on to.
 * <b>Cost</b> for a thread that no operation counts: a look into a map.
 */
final class Operations {
  private static final System.Logger LOG = System.getLogger("io.cistern");
  private static final int MAX_NAME = 100;
  private static final OperationTally[] NONE = {};

  private final String pool;
  private final Tracking tracking;

  /** Replaced, never changed. */
  private final ConcurrentMap<Long, OperationTally[]> tallies = new ConcurrentHashMap<>();

  // under the monitor
  private int open;

  /** The pool, as far as it has to know. */
  interface Tracking {
    /**
     * From here on every allocation, free and failure is to be told, or none. Called under a lock
     * of {@link Operations}, so in the right order.
     */
    void track(boolean any);
  }

  Operations(String pool, Tracking tracking) {
    this.pool = pool;
    this.tracking = tracking;
  }

  /**
   * Opens an operation of the calling thread.
   *
   * @throws IllegalArgumentException when the name is blank, too long or not one line
   */
  Operation open(String name) {
    if (name.isBlank() || name.length() > MAX_NAME || name.lines().count() > 1) {
      throw new IllegalArgumentException(
          "operation '%s': must be one line of 1 to %d characters".formatted(name, MAX_NAME));
    }
    OperationTally tally = new OperationTally(pool, name);
    enter(Thread.currentThread(), tally);
    return new Operation(this, tally);
  }

  private synchronized void enter(Thread thread, OperationTally tally) {
    add(thread, tally);
    if (open++ == 0) {
      tracking.track(true);
    }
  }

  synchronized void include(Thread thread, OperationTally tally) {
    if (!tally.isOpen()) {
      throw new IllegalStateException(
          "operation '%s' in pool '%s' is closed: no thread can be included"
              .formatted(tally.operation, pool));
    }
    add(thread, tally);
  }

  private void add(Thread thread, OperationTally tally) {
    tallies.merge(
        thread.threadId(),
        new OperationTally[] {tally},
        (before, added) -> Arrays.asList(before).contains(tally) ? before : with(before, tally));
  }

  private static OperationTally[] with(OperationTally[] before, OperationTally tally) {
    OperationTally[] more = Arrays.copyOf(before, before.length + 1);
    more[before.length] = tally;
    return more;
  }

  /** Ends an operation and logs what it changed, unless it was ended before. */
  void close(OperationTally tally) {
    if (leave(tally)) {
      LOG.log(System.Logger.Level.INFO, () -> tally.change().toString());
    }
  }

  /** Ends an operation that nobody can close any more, unless it was closed. */
  void forgotten(OperationTally tally) {
    if (leave(tally)) {
      LOG.log(System.Logger.Level.WARNING, () -> "never closed: " + tally.change());
    }
  }

  private synchronized boolean leave(OperationTally tally) {
    if (!tally.end()) {
      return false;
    }
    for (Long thread : tallies.keySet()) {
      tallies.computeIfPresent(thread, (id, before) -> without(before, tally));
    }
    if (--open == 0) {
      tracking.track(false);
    }
    return true;
  }

  /** Null, which removes the entry, when nothing is left. */
  @SuppressWarnings("NullAway") // what computeIfPresent takes to remove
  private static OperationTally[] without(OperationTally[] before, OperationTally tally) {
    OperationTally[] rest =
        Arrays.stream(before).filter(other -> !other.equals(tally)).toArray(OperationTally[]::new);
    return rest.length == 0 ? null : rest;
  }

  /** Whether the pool has to tell what happens. */
  synchronized boolean isAnyOpen() {
    return open > 0;
  }

  /** A thread has allocated a block of so many bytes. */
  void allocated(Thread thread, long bytes) {
    for (OperationTally tally : of(thread)) {
      tally.allocated(bytes);
    }
  }

  /** A thread has freed a block of so many bytes. */
  void freed(Thread thread, long bytes) {
    for (OperationTally tally : of(thread)) {
      tally.freed(bytes);
    }
  }

  /** A thread was refused a request. */
  void failed(Thread thread) {
    for (OperationTally tally : of(thread)) {
      tally.failed();
    }
  }

  private OperationTally[] of(Thread thread) {
    return tallies.getOrDefault(thread.threadId(), NONE);
  }
}
