package io.cistern;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The reclaimers of a manager, and the one run over them that may be under way.
 *
 * <pre>
 * caller                                                   daemon thread
 * run ── inside a reclaimer? ──► false
 *     └─ a run under way for this pool? join it, else
 *        wait for its end, else start one ───────────────► each reclaimer in order of priority,
 *        wait, at most until the own deadline              while bytes are missing and time is left
 *        true if anything is said to be freed ◄─────────── over
 * </pre>
 *
 * <p>What holds, whatever a reclaimer does:
 *
 * <ul>
 *   <li>no two runs are under way at once, and no two calls of one reclaimer;
 *   <li>a caller waits until its deadline at the latest, and no longer than the run has time. A
 *       deadline that has passed starts a run and waits for nothing;
 *   <li>a run whose time is up is over, though a reclaimer hangs: its thread is left to it, later
 *       runs take another thread and skip that reclaimer until it returns;
 *   <li>no lock is held while a reclaimer is called. The lock here covers the choice of the run and
 *       of the next reclaimer, a few loads and stores each.
 * </ul>
 *
 * <p>An allocation inside of a reclaimer, and on a thread that it starts, gets false at once. When
 * it hands work to a thread that existed before, nothing tells where that work came from: it waits
 * like others, so at most until its deadline.
 *
 * <p>Safe for use by several threads. Without reclaimers {@link #run} costs one load.
 */
final class Reclaimers implements AutoCloseable {
  /** How long a run may take, unless said otherwise. */
  static final Duration DEFAULT_TIME = Duration.ofMillis(100);

  private static final Duration MOST_TIME = Duration.ofMinutes(1);

  private static final System.Logger LOG = System.getLogger("io.cistern");

  private final Executor threads = DaemonThreads.asNeeded("cistern-reclaim");
  private final Object lock = new Object();
  private volatile long timeNanos = DEFAULT_TIME.toNanos();

  /** By priority, then by time of registration; replaced, never changed, under the lock. */
  private volatile List<ReclaimerEntry> entries = List.of();

  /** The run under way; written under the lock. */
  private volatile @Nullable ReclaimRun current;

  private boolean closed;

  /** Sets how long the runs to come may take: above zero, up to a minute. */
  void time(Duration time) {
    if (time.isNegative() || time.isZero() || time.compareTo(MOST_TIME) > 0) {
      throw new IllegalArgumentException(
          "a time of %s for reclaimers: above zero and at most %s is possible"
              .formatted(time, MOST_TIME));
    }
    timeNanos = time.toNanos();
  }

  Duration time() {
    return Duration.ofNanos(timeNanos);
  }

  /**
   * Registers a reclaimer for the runs to come.
   *
   * @throws IllegalArgumentException when the name is blank or taken
   * @throws IllegalStateException when closed
   */
  Reclaimer.Registration add(int priority, String name, Reclaimer reclaimer) {
    Objects.requireNonNull(reclaimer, "reclaimer");
    ReclaimerEntry entry = new ReclaimerEntry(priority, name, reclaimer);
    synchronized (lock) {
      if (closed) {
        throw new IllegalStateException("reclaimer '" + name + "' comes after closing");
      }
      if (name.isBlank() || entries.stream().anyMatch(other -> other.name.equals(name))) {
        throw new IllegalArgumentException(
            "a reclaimer cannot be named '%s'; there are: %s"
                .formatted(name, entries.stream().map(other -> other.name).toList()));
      }
      List<ReclaimerEntry> all = new ArrayList<>(entries);
      all.add(entry);
      all.sort(Comparator.comparingInt(other -> other.priority)); // stable: equal ones stay
      entries = List.copyOf(all);
    }
    return () -> remove(entry);
  }

  private void remove(ReclaimerEntry entry) {
    synchronized (lock) {
      entries = entries.stream().filter(other -> !other.equals(entry)).toList();
    }
  }

  /** Figures of all, in the order in which they are called. */
  List<ReclaimerStats> stats() {
    return entries.stream().map(ReclaimerEntry::stats).toList();
  }

  /** Bytes that the run under way is still to free; 0 when there is none. */
  long missingBytes() {
    ReclaimRun running = current;
    return running == null ? 0 : running.request().bytesWanted();
  }

  /**
   * Has memory reclaimed and waits for it, at most until the request's deadline.
   *
   * @return whether anything is said to be freed, so that it is worth to try again; false at once
   *     inside of a reclaimer
   */
  boolean run(Reclaimer.Request request) {
    if (entries.isEmpty() || ReclaimerEntry.isInside()) {
      return false;
    }
    while (true) {
      ReclaimRun run = joinOrStart(request);
      if (run == null) {
        return false;
      }
      run.await(request.deadlineNanos());
      if (run.isLate()) {
        end(run);
      }
      if (run.serves(request)) {
        return run.hasFreed();
      }
      if (System.nanoTime() - request.deadlineNanos() >= 0) {
        return false;
      }
    }
  }

  /**
   * The run under way, whichever pool it is for, or a new one for this request; null when closed.
   */
  private @Nullable ReclaimRun joinOrStart(Reclaimer.Request request) {
    ReclaimRun before = current;
    if (before != null && before.isLate()) {
      end(before);
    }
    ReclaimRun started;
    synchronized (lock) {
      ReclaimRun running = current;
      if (running != null) {
        if (running.serves(request)) {
          running.join(request);
        }
        return running;
      }
      if (closed) {
        return null;
      }
      started = new ReclaimRun(request, timeNanos);
      current = started;
    }
    start(started);
    return started;
  }

  private void start(ReclaimRun run) {
    try {
      threads.execute(() -> work(run));
    } catch (Throwable refused) {
      end(run);
      LOG.log(System.Logger.Level.WARNING, "no thread for reclaimers", refused);
    }
  }

  private void work(ReclaimRun run) {
    for (ReclaimerEntry entry : entries) {
      if (begin(run, entry)) {
        try {
          run.add(entry.call(run.request()));
        } finally {
          returned(run, entry);
        }
      }
    }
    end(run);
  }

  /**
   * Whether this one may be called now: more is wanted, it is registered still, and no call of it
   * is under way. Joining takes the same lock, so nobody joins a run that has decided to be over.
   */
  private boolean begin(ReclaimRun run, ReclaimerEntry entry) {
    synchronized (lock) {
      if (run.isOver()) {
        return false;
      }
      if (run.isSatisfied() || run.isLate()) {
        end(run);
        return false;
      }
      if (!entries.contains(entry) || !entry.claim()) {
        return false;
      }
      run.calling = entry;
      return true;
    }
  }

  private void returned(ReclaimRun run, ReclaimerEntry entry) {
    boolean late;
    synchronized (lock) {
      entry.release();
      run.calling = null;
      late = run.isOver();
    }
    if (late) {
      LOG.log(System.Logger.Level.INFO, () -> "reclaimer '" + entry.name + "' has returned, late");
    }
  }

  /** Ends a run, if it is not over: whoever waits goes on, and the next one may start. */
  private void end(ReclaimRun run) {
    ReclaimerEntry hanging;
    synchronized (lock) {
      if (run.isOver()) {
        return;
      }
      current = null;
      run.end();
      hanging = run.calling;
    }
    if (hanging != null) {
      hanging.timedOut();
      LOG.log(System.Logger.Level.WARNING, () -> describe(hanging, run));
    }
  }

  private static String describe(ReclaimerEntry hanging, ReclaimRun run) {
    return "reclaimer '%s' has not returned after %d ms%s; it is skipped until it does"
        .formatted(
            hanging.name,
            run.age().toMillis(),
            run.pool.isEmpty() ? "" : " for pool '" + run.pool + "'");
  }

  /** Takes all out and starts no run any more; the one under way is not waited for. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      entries = List.of();
    }
  }
}
