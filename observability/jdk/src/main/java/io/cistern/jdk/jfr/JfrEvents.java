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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.jfr.Configuration;
import jdk.jfr.FlightRecorder;

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
 * nothing together; the fast paths are what they were. Nothing here ever waits, or throws into a
 * pool.
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
  private final AtomicBoolean closed = new AtomicBoolean();
  private Runnable ofManager = () -> {};

  private JfrEvents(List<MemoryPool> pools) {
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
    JfrEvents events = new JfrEvents(new ArrayList<>(manager.pools()));
    events.ofManager = () -> new ManagerStatistics(manager.stats()).commit();
    events.begin();
    return events;
  }

  /**
   * Registers pools. Recordings that run see them from now on.
   *
   * @param pools open; one that is registered twice is recorded twice
   * @return to be closed before the pools are
   */
  public static JfrEvents register(MemoryPool... pools) {
    JfrEvents events = new JfrEvents(List.of(pools));
    events.begin();
    return events;
  }

  private void begin() {
    FlightRecorder.addPeriodicEvent(ManagerStatistics.class, ofManager);
    statistics.begin();
    writers.forEach(MemoryPool::addListener);
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
    if (closed.compareAndSet(false, true)) {
      writers.forEach(MemoryPool::removeListener);
      FlightRecorder.removePeriodicEvent(ofManager);
      ofManager.run();
      statistics.end();
    }
  }
}
