package io.cistern.jdk.jfr;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import jdk.jfr.Configuration;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;

/**
 * Has the JDK's flight recorder show pools: what happens on their slow paths, and their figures at
 * a period.
 *
 * <pre>
 * AllocationSampled  AllocationFailed  Spill  Fallback  Grow  Trim  PressureChange  Violation  Damage  BlockLost
 *     when it happens, on the thread that caused it
 * PoolStatistics  TierStatistics  VariableStatistics  ManagerStatistics  LeakSuspect
 *     at a period, on a thread of the recorder's
 * </pre>
 *
 * All names begin with {@code io.cistern.}; docs/jfr.md lists fields and settings. While no
 * recording has an event, the pool asks one boolean on the slow path where it would occur, and puts
 * nothing together; the fast paths are what they were. Until somebody records for the first time
 * the pools do not even have a listener. Nothing here ever waits, or throws into a pool.
 *
 * {@snippet :
 * try (JfrEvents events = JfrEvents.register(manager);
 *     Recording recording = new Recording(JfrEvents.configuration())) {
 *   recording.start();
 *   // …
 *   recording.dump(Path.of("pools.jfr"));
 * }
 * }
 *
 * <p>Safe for use by several threads.
 */
public final class JfrEvents implements AutoCloseable {
  private static final String SETTINGS = "cistern.jfc";

  private final Map<MemoryPool, EventWriter> writers = new LinkedHashMap<>();
  private final Statistics statistics;
  private final Runnable ofManager;
  private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.WAITING);

  /** Until somebody records for the first time, the recorder is not even loaded. */
  private final FlightRecorderListener waiting =
      new FlightRecorderListener() {
        @Override
        public void recorderInitialized(FlightRecorder recorder) {
          begin();
        }
      };

  private enum Phase {
    WAITING,
    BEGUN,
    CLOSED
  }

  private JfrEvents(List<MemoryPool> pools, Runnable ofManager) {
    this.ofManager = ofManager;
    this.statistics = new Statistics(pools);
    pools.forEach(pool -> writers.put(pool, new EventWriter(pool.name())));
  }

  /**
   * Whether this JVM has a flight recorder. Without one nothing of this class but this method may
   * be called.
   *
   * @return false in a JVM that was built without the module {@code jdk.jfr}, or cannot record
   */
  public static boolean isAvailable() {
    return ModuleLayer.boot().findModule("jdk.jfr").isPresent() && Recorder.isAvailable();
  }

  /** Loaded only where there is a recorder. */
  private static final class Recorder {
    static boolean isAvailable() {
      return FlightRecorder.isAvailable();
    }
  }

  /**
   * Registers all pools of a manager, and its own figures. Recordings that run see them from now
   * on.
   *
   * @param manager open
   * @return to be closed before the manager is
   */
  public static JfrEvents register(PoolManager manager) {
    return waiting(
        new JfrEvents(
            new ArrayList<>(manager.pools()),
            () -> new ManagerStatistics(manager.stats()).commit()));
  }

  /**
   * Registers pools. Recordings that run see them from now on.
   *
   * @param pools open; of one with several views (labels, quotas) any of them, but only one
   * @return to be closed before the pools are
   */
  public static JfrEvents register(MemoryPool... pools) {
    return waiting(new JfrEvents(List.copyOf(new LinkedHashSet<>(List.of(pools))), () -> {}));
  }

  private static JfrEvents waiting(JfrEvents events) {
    FlightRecorder.addListener(events.waiting);
    return events;
  }

  /**
   * Called by the recorder when there is one, under its locks; so there is none of ours, and who
   * closes meanwhile and who begins both take away what was added.
   */
  private void begin() {
    if (phase.compareAndSet(Phase.WAITING, Phase.BEGUN)) {
      FlightRecorder.addPeriodicEvent(ManagerStatistics.class, ofManager);
      statistics.begin();
      writers.forEach(MemoryPool::addListener);
      if (phase.get() == Phase.CLOSED) {
        end();
      }
    }
  }

  private void end() {
    writers.forEach(MemoryPool::removeListener);
    FlightRecorder.removePeriodicEvent(ofManager);
    statistics.end();
  }

  /**
   * The settings that are shipped with this class: everything on, at little cost. For a recording
   * that is started by the program; for others docs/jfr.md says how to get the file.
   *
   * @return for {@code new Recording(…)}
   */
  public static Configuration configuration() {
    try (InputStream file =
            Objects.requireNonNull(JfrEvents.class.getResourceAsStream(SETTINGS), SETTINGS);
        Reader settings = new InputStreamReader(file, StandardCharsets.UTF_8)) {
      return Configuration.create(settings);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(SETTINGS + " cannot be read", unreadable);
    } catch (ParseException broken) {
      throw new IllegalStateException(SETTINGS + " is broken", broken);
    }
  }

  /**
   * Takes the pools away from the recorder, after their figures were told once more. Closing twice
   * does nothing.
   */
  @Override
  public void close() {
    Phase before = phase.getAndSet(Phase.CLOSED);
    FlightRecorder.removeListener(waiting);
    if (before == Phase.BEGUN) {
      end();
      ofManager.run();
      statistics.tell();
    }
  }
}
