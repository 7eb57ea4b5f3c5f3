package io.cistern.cli;

import io.cistern.ManagerStats;
import io.cistern.jdk.LeakSite;
import io.cistern.jdk.PoolManagerMXBean;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads a connection at an interval and on demand, on a daemon thread of its own: whoever shows it
 * never waits for the process, which may be slow, stopped or gone. Once a reading has failed there
 * are no more.
 */
final class TopFeed implements AutoCloseable {
  private static final long SITES_NANOS = TimeUnit.SECONDS.toNanos(5);
  static final int SITES = 10;

  private final TopConnection connection;
  private final ScheduledExecutorService reader =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("top-feed").unstarted(task));
  private @Nullable ManagerStats before;
  private List<LeakSite> sites = List.of();
  private long sitesDueNanos = System.nanoTime();

  private volatile @Nullable State latest;
  private volatile TopConnection.@Nullable GoneException gone;

  /** The latest reading, and when it came. */
  record State(TopSample sample, long nanos) {}

  /** What came of a question: null while it is under way. */
  static final class Answer {
    private volatile @Nullable String text;

    @Nullable String text() {
      return text;
    }

    void set(String answer) {
      text = answer;
    }
  }

  TopFeed(TopConnection connection, Duration interval) {
    this.connection = connection;
    Future<?> _ =
        reader.scheduleAtFixedRate(this::read, 0, interval.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void read() {
    attempt(() -> {
      ManagerStats now = connection.stats();
      if (System.nanoTime() - sitesDueNanos >= 0) {
        sites = connection.topSites(SITES);
        sitesDueNanos = System.nanoTime() + SITES_NANOS;
      }
      latest = new State(TopSample.after(before, now, sites), System.nanoTime());
      before = now;
    });
  }

  /** Asks something else of the process, when the reading under way has ended. */
  Answer ask(Function<PoolManagerMXBean, String> question) {
    Answer answer = new Answer();
    try {
      reader.execute(() -> attempt(() -> answer.set(connection.ask(question))));
    } catch (RejectedExecutionException ended) {
      // gone() says why
    }
    return answer;
  }

  private interface Reading {
    void run() throws TopConnection.GoneException;
  }

  private void attempt(Reading reading) {
    try {
      reading.run();
    } catch (TopConnection.GoneException ended) {
      gone = ended;
      reader.shutdownNow();
    }
  }

  /** Null before the first reading. */
  @Nullable State latest() {
    return latest;
  }

  /** Why there is nothing more to come; null while there is. */
  TopConnection.@Nullable GoneException gone() {
    return gone;
  }

  @Override
  public void close() {
    reader.shutdownNow();
  }
}
