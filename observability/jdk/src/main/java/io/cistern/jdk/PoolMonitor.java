package io.cistern.jdk;

import io.cistern.Emergencies.WatchdogAlert;
import io.cistern.ManagerListener;
import io.cistern.ManagerPressure;
import io.cistern.ManagerStats;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.PoolStats;
import io.cistern.PressureLevel;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A log of how memory fares, for programs that nobody looks at: every ten seconds a line, and what
 * turns bad in between at once.
 *
 * <pre>
 * when                                        what                                     level
 * every interval                              used, free, largest free, failed, RSS    INFO
 *   … and requests failed since the last one                                           WARNING
 * a reading of a pool or of the whole
 *   becomes LOW                               which, its value and its threshold       WARNING
 *   becomes CRITICAL                          the same, and the watchdog is called     ERROR
 *   is better again                           the same                                 INFO
 * </pre>
 *
 * {@snippet :
 * try (PoolMonitor monitor =
 *     PoolMonitor.builder(manager).watchdog(alert -> pager.send(alert.toString())).start()) {
 *   serve();
 * }
 * }
 *
 * <p><b>Thresholds</b> and their hysteresis are the manager's ({@link io.cistern.PressureLimits},
 * in a profile the section {@code pressure}); it looks ten times a second. A reading that trembles
 * all the same is told once in an interval for each level, and how often it was not told is in the
 * next line. The watchdog hears each time that a level becomes CRITICAL. What to do about it is the
 * business of {@link io.cistern.Emergencies}.
 *
 * <p><b>Threads.</b> One daemon thread writes; it ends with {@link #close}, or when all pools are
 * closed. The watchdog runs on another one, which is there while it has something to do: one that
 * hangs or throws stops neither the lines nor the pools. Safe for use by several threads; those who
 * allocate pay nothing.
 */
public final class PoolMonitor implements AutoCloseable {
  private static final int WAITING = 256;
  private static final long JOIN_MILLIS = 1000;

  private final PoolManager manager;
  private final System.Logger log;
  private final Level level;
  private final long intervalNanos;
  private final Watchdog watchdog;
  private final BlockingQueue<ManagerPressure> heard = new ArrayBlockingQueue<>(WAITING);
  private final AtomicLong untold = new AtomicLong();
  private final ManagerListener listener = new Ear();
  private final Thread thread;

  /** When a crossing was told last, by what it is; the monitor's thread alone. */
  private final Map<String, Long> told = new HashMap<>();

  private long failedBefore;
  private volatile boolean closed;

  private PoolMonitor(Builder builder) {
    this.manager = builder.manager;
    this.log = builder.log;
    this.level = builder.level;
    this.intervalNanos = builder.interval.toNanos();
    this.watchdog = new Watchdog(builder.watchdog, log);
    this.failedBefore = failed(manager.stats());
    this.thread = Thread.ofPlatform().name("cistern-monitor").daemon().unstarted(this::watch);
  }

  /**
   * Starts to monitor with defaults: a line every ten seconds, no watchdog.
   *
   * @param manager whose pools
   * @return to be closed; before the pools, as a rule
   */
  public static PoolMonitor start(PoolManager manager) {
    return builder(manager).start();
  }

  /**
   * Settings for a monitor.
   *
   * @param manager whose pools
   * @return a builder
   */
  public static Builder builder(PoolManager manager) {
    return new Builder(manager);
  }

  /** Hears on the manager's thread, and is not to hold it up. */
  private final class Ear implements ManagerListener {
    @Override
    public void onPressureChanged(ManagerPressure change) {
      if (change.turnsCritical()) {
        watchdog.alert(new WatchdogAlert(change.pool(), change.from(), change.cause()));
      }
      if (!heard.offer(change)) {
        untold.incrementAndGet();
      }
    }
  }

  // --- the monitor's thread ---------------------------------------------------------------------

  private void watch() {
    long next = System.nanoTime() + intervalNanos;
    while (!isOver()) {
      try {
        ManagerPressure change = heard.poll(next - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (change != null) {
          tell(change);
        } else {
          next = System.nanoTime() + intervalNanos;
          writeLine();
        }
      } catch (InterruptedException woken) {
        // close() did it, and has said so before
      } catch (RuntimeException thrown) {
        log.log(Level.WARNING, "the pools could not be looked at", thrown);
      }
    }
    manager.removeListener(listener);
    watchdog.close();
  }

  private boolean isOver() {
    return closed || manager.pools().stream().allMatch(MemoryPool::isClosed);
  }

  private void tell(ManagerPressure change) {
    ManagerPressure.Cause cause = change.cause();
    long now = System.nanoTime();
    String what = change.pool() + '/' + cause.reading() + '/' + cause.to();
    Long before = told.get(what);
    if (before != null && now - before < intervalNanos) {
      untold.incrementAndGet();
      return;
    }
    told.put(what, now);
    log.log(levelOf(cause), change::message);
  }

  private Level levelOf(ManagerPressure.Cause cause) {
    if (!cause.isRaised()) {
      return level;
    }
    return cause.to() == PressureLevel.CRITICAL ? Level.ERROR : Level.WARNING;
  }

  private void writeLine() {
    ManagerStats stats = manager.stats();
    long failed = failed(stats);
    long since = failed - failedBefore;
    failedBefore = failed;
    String rest =
        notTold("crossing(s) of thresholds", untold.getAndSet(0))
            + notTold("alert(s) that the watchdog had no time for", watchdog.takeDropped());
    Level now = since > 0 || !rest.isEmpty() ? atLeast(Level.WARNING) : level;
    log.log(now, () -> MonitorLine.of(stats, since, ResidentMemory.bytes()) + rest);
  }

  private Level atLeast(Level other) {
    return level.getSeverity() > other.getSeverity() ? level : other;
  }

  private static String notTold(String what, long count) {
    return count == 0 ? "" : "; not told: " + count + " " + what;
  }

  private static long failed(ManagerStats stats) {
    return stats.pools().stream().mapToLong(PoolStats::failed).sum();
  }

  /**
   * Ends the monitor: no line is begun after it. Interrupts a watchdog that is called. Waits for a
   * line that is being written, a second at most. Closing again does nothing.
   */
  @Override
  public void close() {
    closed = true;
    manager.removeListener(listener);
    watchdog.close();
    thread.interrupt();
    try {
      thread.join(JOIN_MILLIS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** How often, how loud, and who is called. */
  public static final class Builder {
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Duration LEAST = Duration.ofMillis(1);
    private static final Duration MOST = Duration.ofDays(365);

    private final PoolManager manager;
    private Duration interval = INTERVAL;
    private Level level = Level.INFO;
    private System.Logger log = System.getLogger("io.cistern.monitor");
    private Consumer<WatchdogAlert> watchdog = alert -> {};

    private Builder(PoolManager manager) {
      this.manager = Objects.requireNonNull(manager, "manager");
    }

    /**
     * The time between two lines.
     *
     * @param time from a millisecond to 365 days; 10 seconds by default
     * @return this
     * @throws IllegalArgumentException when it is outside of these bounds
     */
    public Builder interval(Duration time) {
      if (time.compareTo(LEAST) < 0 || time.compareTo(MOST) > 0) {
        throw new IllegalArgumentException(
            "an interval of %s: 1 ms to 365 days are possible".formatted(time));
      }
      this.interval = time;
      return this;
    }

    /**
     * The level of lines that hold nothing bad.
     *
     * @param of ordinary lines; INFO by default
     * @return this
     */
    public Builder level(Level of) {
      this.level = Objects.requireNonNull(of, "level");
      return this;
    }

    /**
     * Where lines go.
     *
     * @param to a log; {@code io.cistern.monitor} by default
     * @return this
     */
    public Builder logger(System.Logger to) {
      this.log = Objects.requireNonNull(to, "logger");
      return this;
    }

    /**
     * What hears of every change to CRITICAL.
     *
     * @param receiver called on a thread of its own, one alert after the other; interrupted when
     *     the monitor is closed
     * @return this
     */
    public Builder watchdog(Consumer<WatchdogAlert> receiver) {
      this.watchdog = Objects.requireNonNull(receiver, "watchdog");
      return this;
    }

    /**
     * Starts to monitor.
     *
     * @return to be closed; before the pools, as a rule
     */
    public PoolMonitor start() {
      PoolMonitor monitor = new PoolMonitor(this);
      manager.addListener(monitor.listener);
      monitor.thread.start();
      return monitor;
    }
  }
}
