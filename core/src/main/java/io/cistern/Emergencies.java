package io.cistern;

import io.cistern.ManagerPressure.Cause;
import io.cistern.ManagerPressure.Reading;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Ready policies for the moments in which memory runs short. A manager tells what happened; this
 * calls back whoever can do something about it:
 *
 * <pre>
 * trigger                                          what is done, in this order
 * fragmentation of a region becomes LOW  (70 %)    state to the log
 * fragmentation becomes CRITICAL         (85 %)    state to the log, save, restart
 * a request was refused                            shed, reclaimOld, alert
 * free bytes of the budget become LOW              a line in the log
 * free bytes become CRITICAL                       alert
 * any reading turns the level CRITICAL             watchdog
 * </pre>
 *
 * {@snippet :
 * Emergencies emergencies =
 *     Emergencies.builder(manager::dump)
 *         .save(state::write)
 *         .restart(server::restartInOrder)
 *         .shed(batchJobs::pause)
 *         .reclaimOld(Duration.ofMinutes(1), (request, age) -> cache.dropOlderThan(age))
 *         .alert(alert -> pager.send(alert.message()))
 *         .build();
 * }
 *
 * <p><b>How often.</b> Each trigger acts at most once in an interval (10 s) and pool; what was held
 * back is counted and told with the next one. Save and restart are asked for once, whatever the
 * interval, and again only after the fragmentation of all pools has gone back to NORMAL. The
 * watchdog hears every change to CRITICAL.
 *
 * <p><b>Where.</b> Callbacks run one after the other, in the order of the events, on a daemon
 * thread of their own: an allocation never waits for them, and they may use the pools. What a
 * callback throws is logged, and the next one is called. While one does not return, up to 256
 * events wait; more are dropped and logged.
 *
 * <p>Safe for use by several threads. An event that is held back costs some tens of nanoseconds.
 */
public final class Emergencies implements ManagerListener {
  private static final System.Logger LOG = System.getLogger("io.cistern");

  private final EmergencyActions act;
  private final Executor executor;
  private final Map<Trigger, RateLimit> limits = new EnumMap<>(Trigger.class);

  /** Pools whose fragmentation was CRITICAL and is not yet NORMAL again; under its own lock. */
  private final Set<String> unusable = new HashSet<>();

  private Emergencies(Builder builder) {
    this.act = new EmergencyActions(builder);
    this.executor = builder.executor;
    for (Trigger trigger : Trigger.values()) {
      limits.put(trigger, new RateLimit(builder.interval.toNanos(), builder.nanos));
    }
  }

  /**
   * Starts a set of policies; without further calls, states and lines are logged and nothing else
   * is done.
   *
   * @param dump gives the state to be written, {@link PoolManager#dump()} as a rule
   * @return a builder
   */
  public static Builder builder(Supplier<String> dump) {
    return new Builder(dump);
  }

  @Override
  public void onPressureChanged(ManagerPressure change) {
    if (change.turnsCritical()) {
      WatchdogAlert alert = new WatchdogAlert(change.pool(), change.from(), change.cause());
      submit(() -> act.watchdog(alert));
    }
    Cause cause = change.cause();
    if (cause.reading() == Reading.FRAGMENTATION) {
      onFragmentation(change);
    } else if (cause.reading() == Reading.FREE_BYTES && cause.isRaised()) {
      onFreeBytes(change);
    }
  }

  private void onFragmentation(ManagerPressure change) {
    boolean restart = isRestartDue(change.pool(), change.cause());
    if (change.cause().isRaised()) {
      boolean critical = change.cause().to() == PressureLevel.CRITICAL;
      Trigger trigger = critical ? Trigger.FRAGMENTATION_CRITICAL : Trigger.FRAGMENTATION_LOW;
      passing(trigger, change.pool(), change.message(), act::state);
    }
    if (restart) {
      submit(act::saveAndRestart);
    }
  }

  /** One restart for all pools that are in need of it; none again before all are well. */
  private boolean isRestartDue(String pool, Cause cause) {
    synchronized (unusable) {
      if (cause.from() == PressureLevel.NORMAL || cause.to() == PressureLevel.NORMAL) {
        unusable.remove(pool); // from, too: events of two threads may come in any order
      }
      if (cause.to() != PressureLevel.CRITICAL) {
        return false;
      }
      boolean first = unusable.isEmpty();
      unusable.add(pool);
      return first;
    }
  }

  private void onFreeBytes(ManagerPressure change) {
    if (change.cause().to() == PressureLevel.CRITICAL) {
      passing(Trigger.FREE_BYTES_CRITICAL, change.pool(), change.message(), act::alert);
    } else {
      passing(Trigger.FREE_BYTES_LOW, change.pool(), change.message(), act::line);
    }
  }

  @Override
  public void onExhausted(PoolListener.Exhaustion exhaustion) {
    String pool = exhaustion.pool();
    long heldBack = limit(Trigger.EXHAUSTED).pass(pool);
    if (heldBack != RateLimit.HELD_BACK) {
      submit(() -> act.exhausted(exhaustion, heldBack));
    }
  }

  private void passing(Trigger trigger, String pool, String message, Consumer<Alert> action) {
    long heldBack = limit(trigger).pass(pool);
    if (heldBack != RateLimit.HELD_BACK) {
      Alert alert = new Alert(trigger, pool, message, heldBack);
      submit(() -> action.accept(alert));
    }
  }

  private RateLimit limit(Trigger trigger) {
    return Objects.requireNonNull(limits.get(trigger));
  }

  private void submit(Runnable event) {
    try {
      executor.execute(event);
    } catch (Throwable refused) {
      LOG.log(System.Logger.Level.WARNING, "an emergency was dropped", refused);
    }
  }

  /** What policies wait for. */
  public enum Trigger {
    /** The fragmentation of a region of variable size became LOW. */
    FRAGMENTATION_LOW,
    /** It became CRITICAL. */
    FRAGMENTATION_CRITICAL,
    /** A request was refused. */
    EXHAUSTED,
    /** The free bytes of the budget became LOW. */
    FREE_BYTES_LOW,
    /** They became CRITICAL. */
    FREE_BYTES_CRITICAL
  }

  /**
   * Something that a person should hear of.
   *
   * @param trigger what happened
   * @param pool where; empty for the whole
   * @param message one line with the figures
   * @param heldBack how often it happened since the last one that was told
   */
  public record Alert(Trigger trigger, String pool, String message, long heldBack) {}

  /**
   * The level became CRITICAL.
   *
   * @param pool of which pool; empty for the whole
   * @param from the level before
   * @param cause the reading that did it
   */
  public record WatchdogAlert(String pool, PressureLevel from, Cause cause) {}

  /** Drops what has not been used for some time. */
  @FunctionalInterface
  public interface AgedReclaimer {
    /**
     * Frees what it can.
     *
     * @param request how much is wanted, where, and until when
     * @param age how long something must have been unused to go
     * @return about how many bytes were freed; 0 or less when none could be
     */
    long reclaim(Reclaimer.Request request, Duration age);
  }

  /** Collects callbacks; those that are not set do nothing, or write to the log. */
  public static final class Builder {
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Duration MOST = Duration.ofDays(365);
    private static final Duration AGE = Duration.ofMinutes(1);
    private static final int WAITING = 256;

    final Supplier<String> dump;
    Runnable save = () -> {};
    Runnable restart = () -> {};
    Runnable shed = () -> {};
    AgedReclaimer old = (request, age) -> 0;
    Duration age = AGE;
    Consumer<Alert> alert = alert -> {};
    Consumer<WatchdogAlert> watchdog = alert -> {};
    private Duration interval = INTERVAL;
    private LongSupplier nanos = System::nanoTime;
    private Executor executor = DaemonThreads.one("cistern-emergencies", WAITING);

    private Builder(Supplier<String> dump) {
      this.dump = Objects.requireNonNull(dump, "dump");
    }

    /**
     * What saves the state that must outlive a restart.
     *
     * @param action called before the restart is asked for
     * @return this
     */
    public Builder save(Runnable action) {
      this.save = Objects.requireNonNull(action, "save");
      return this;
    }

    /**
     * What restarts the process, or that part of it, in order.
     *
     * @param action called once, until fragmentation has gone back to NORMAL
     * @return this
     */
    public Builder restart(Runnable action) {
      this.restart = Objects.requireNonNull(action, "restart");
      return this;
    }

    /**
     * What puts off work that can wait.
     *
     * @param action called first when a request was refused
     * @return this
     */
    public Builder shed(Runnable action) {
      this.shed = Objects.requireNonNull(action, "shed");
      return this;
    }

    /**
     * What drops things that were not used lately.
     *
     * @param olderThan how long they must not have been used; not negative
     * @param reclaimer called second when a request was refused, with the bytes that were asked for
     * @return this
     * @throws IllegalArgumentException when the age is negative
     */
    public Builder reclaimOld(Duration olderThan, AgedReclaimer reclaimer) {
      if (olderThan.isNegative()) {
        throw new IllegalArgumentException("an age of " + olderThan + ": it cannot be negative");
      }
      this.age = olderThan;
      this.old = Objects.requireNonNull(reclaimer, "reclaimer");
      return this;
    }

    /**
     * What tells a person. Every alert is written to the log besides.
     *
     * @param receiver called last when a request was refused, and when free bytes become CRITICAL
     * @return this
     */
    public Builder alert(Consumer<Alert> receiver) {
      this.alert = Objects.requireNonNull(receiver, "alert");
      return this;
    }

    /**
     * What hears of every change to CRITICAL.
     *
     * @param receiver called for each, however many there are
     * @return this
     */
    public Builder watchdog(Consumer<WatchdogAlert> receiver) {
      this.watchdog = Objects.requireNonNull(receiver, "watchdog");
      return this;
    }

    /**
     * How often a trigger may act for one pool.
     *
     * @param time from zero to 365 days; 10 seconds by default
     * @return this
     * @throws IllegalArgumentException when it is outside of these bounds
     */
    public Builder interval(Duration time) {
      if (time.isNegative() || time.compareTo(MOST) > 0) {
        throw new IllegalArgumentException(
            "an interval of %s: zero to 365 days are possible".formatted(time));
      }
      this.interval = time;
      return this;
    }

    /**
     * Where callbacks run, instead of on a daemon thread of their own.
     *
     * @param where should run them one after the other, in their order
     * @return this
     */
    public Builder executor(Executor where) {
      this.executor = Objects.requireNonNull(where, "executor");
      return this;
    }

    /**
     * The clock by which intervals are measured, instead of {@link System#nanoTime()}.
     *
     * @param clock gives nanoseconds from any origin; read by several threads
     * @return this
     */
    public Builder clock(LongSupplier clock) {
      this.nanos = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /**
     * Makes the policies, to be given to a manager.
     *
     * @return a listener
     */
    public Emergencies build() {
      return new Emergencies(this);
    }
  }
}
