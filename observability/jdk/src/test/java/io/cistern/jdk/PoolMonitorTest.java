package io.cistern.jdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cistern.Emergencies.WatchdogAlert;
import io.cistern.ManagerPressure.Reading;
import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.PressureLevel;
import io.cistern.VerifyReport;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a monitor writes, when, and what cannot stop it. Time budget: 10 s. */
@Timeout(60)
class PoolMonitorTest {
  private static final Duration OFTEN = Duration.ofMillis(5);
  private static final Duration NEVER = Duration.ofDays(1);

  private final Lines log = new Lines();
  private final PoolManager manager =
      PoolManager.builder()
          .pool("main", MemoryPool.builder().tier(64, 10).tier(256, 2))
          .pool("any", MemoryPool.builder().variable(4096))
          .build();

  /** A log that keeps its lines, each with its level before it. */
  private static final class Lines implements System.Logger {
    final List<String> lines = new CopyOnWriteArrayList<>();

    @Override
    public String getName() {
      return "lines";
    }

    @Override
    public boolean isLoggable(Level level) {
      return true;
    }

    @Override
    public void log(
        Level level, @Nullable ResourceBundle bundle, String text, @Nullable Throwable thrown) {
      lines.add(level + " " + text + (thrown == null ? "" : " " + thrown));
    }

    @Override
    public void log(
        Level level, @Nullable ResourceBundle bundle, String format, @Nullable Object... values) {
      lines.add(level + " " + format);
    }

    void awaitLine(String regex) {
      await().untilAsserted(() -> assertThat(lines).anyMatch(line -> line.matches(regex)));
    }
  }

  @AfterEach
  void poolsAreUnharmed() {
    assertThat(manager.verify()).allMatch(VerifyReport::ok);
    assertThat(manager.stats().pools()).allMatch(pool -> pool.used() == 0);
    manager.close();
    await().until(() -> threads("cistern-monitor") == 0);
  }

  private static long threads(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(name))
        .count();
  }

  private PoolMonitor.Builder monitor(Duration interval) {
    return PoolMonitor.builder(manager).interval(interval).logger(log);
  }

  @Test
  void lineHasTheFigures() {
    try (PoolMonitor monitor = monitor(OFTEN).start();
        MemoryBlock one = manager.pool("main").allocate(256);
        MemoryBlock two = manager.pool("any").allocate(1024)) {
      assertThat(monitor).isNotNull();
      assertThat(one.isLive() && two.isLive()).isTrue();
      log.awaitLine(
          "INFO pools NORMAL: used 1,280 of 5,248 B \\(24\\.4 %\\), free 3,968 B, largest free 3,072 B,"
              + " fragmentation 0\\.0 %, failed 0 since the last line, RSS [0-9,]+\\.[0-9] MiB;"
              + " 'any' NORMAL, used 25\\.0 %, largest free 3,072 B, fragmentation 0\\.0 %");
    }
  }

  @Test
  void failedRequestsAreAWarningInTheNextLineAlone() {
    try (PoolMonitor monitor = monitor(OFTEN).level(Level.DEBUG).start()) {
      assertThat(monitor).isNotNull();
      exhaust();
      log.awaitLine("WARNING pools .* failed 3 since the last line.*");
      int seen = log.lines.size();
      await().until(() -> log.lines.size() > seen + 2);
      assertThat(log.lines.stream().filter(line -> line.contains("failed 3"))).hasSize(1);
      assertThat(log.lines.getLast()).startsWith("DEBUG ").contains("failed 0 since");
    }
  }

  /** Takes all there is, asks for three more, and gives all back. */
  private void exhaust() {
    List<MemoryBlock> taken = fill();
    for (int i = 0; i < 3; i++) {
      assertThat(manager.pool("main").tryAllocate(256)).isNull();
    }
    taken.forEach(MemoryBlock::close);
  }

  private List<MemoryBlock> fill() {
    List<MemoryBlock> taken = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      taken.add(manager.pool("main").allocate(64));
    }
    taken.add(manager.pool("main").allocate(256));
    taken.add(manager.pool("main").allocate(256));
    return taken;
  }

  @Test
  void thresholdsAreToldAtOnceAndTheWatchdogHearsTheCriticalOnes() {
    List<WatchdogAlert> alerts = new CopyOnWriteArrayList<>();
    try (PoolMonitor monitor = monitor(NEVER).watchdog(alerts::add).start()) {
      assertThat(monitor).isNotNull();
      List<MemoryBlock> taken = fill();
      log.awaitLine("ERROR pool 'main': .* -> CRITICAL by use of 100\\.0 %, threshold 95\\.0 %");
      await().until(() -> !alerts.isEmpty());
      assertThat(alerts.getFirst().pool()).isEqualTo("main");
      assertThat(alerts.getFirst().cause().to()).isEqualTo(PressureLevel.CRITICAL);
      assertThat(alerts.getFirst().cause().reading()).isEqualTo(Reading.USED);
      taken.forEach(MemoryBlock::close);
      log.awaitLine("INFO pool 'main': CRITICAL -> NORMAL by use of 0\\.0 %, threshold .*");
      assertThat(alerts).hasSize(1);
    }
  }

  @Test
  void lowIsAWarningAndNoAlert() {
    AtomicInteger alerts = new AtomicInteger();
    try (PoolMonitor monitor = monitor(NEVER).watchdog(alert -> alerts.incrementAndGet()).start();
        MemoryBlock block = manager.pool("any").allocate(3500)) {
      assertThat(monitor).isNotNull();
      assertThat(block.isLive()).isTrue();
      log.awaitLine("WARNING pool 'any': NORMAL -> LOW by use of 85\\.5 %, threshold 80\\.0 %");
      assertThat(alerts).hasValue(0);
    }
  }

  @Test
  void readingThatTremblesIsToldOnceInAnInterval() {
    try (PoolMonitor monitor = monitor(NEVER).start()) {
      assertThat(monitor).isNotNull();
      for (int i = 0; i < 3; i++) {
        tremble();
      }
      log.awaitLine("INFO pool 'any': LOW -> NORMAL.*");
      assertThat(log.lines.stream().filter(line -> line.contains("'any': NORMAL -> LOW")))
          .hasSize(1);
    }
  }

  @Test
  void nextLineSaysHowManyCrossingsWereNotTold() {
    try (PoolMonitor monitor = monitor(Duration.ofSeconds(1)).start()) {
      assertThat(monitor).isNotNull();
      await()
          .untilAsserted(() -> {
            tremble();
            assertThat(log.lines)
                .anyMatch(line ->
                    line.matches(
                        "WARNING pools .*; not told: [1-9][0-9]* crossing\\(s\\) of thresholds"));
          });
    }
  }

  private void tremble() {
    MemoryBlock block = manager.pool("any").allocate(3500);
    await().until(() -> heard(PressureLevel.LOW));
    block.close();
    await().until(() -> heard(PressureLevel.NORMAL));
  }

  /** Looks as the manager does ten times a second; whoever looks first tells. */
  private boolean heard(PressureLevel level) {
    manager.pressure();
    return manager.pool("any").stats().pressure() == level;
  }

  @Test
  void watchdogThatThrowsIsLoggedAndCalledAgain() {
    AtomicInteger calls = new AtomicInteger();
    try (PoolMonitor monitor =
        monitor(OFTEN)
            .watchdog(alert -> {
              calls.incrementAndGet();
              throw new IllegalStateException("bad dog");
            })
            .start()) {
      assertThat(monitor).isNotNull();
      for (int i = 1; i <= 2; i++) {
        int times = i;
        List<MemoryBlock> taken = fill();
        await().until(() -> calls.get() >= times);
        taken.forEach(MemoryBlock::close);
        manager.pressure();
      }
      log.awaitLine("WARNING the watchdog threw java.lang.IllegalStateException: bad dog");
    }
  }

  @Test
  void watchdogThatHangsStopsNeitherLinesNorPoolsNorClose() {
    CountDownLatch called = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    try (PoolMonitor monitor =
        monitor(OFTEN)
            .watchdog(alert -> {
              called.countDown();
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException closed) {
                interrupted.countDown();
              }
            })
            .start()) {
      assertThat(monitor).isNotNull();
      for (int i = 0; i < Watchdog.WAITING + 4; i++) {
        List<MemoryBlock> taken = fill();
        manager.pressure();
        taken.forEach(MemoryBlock::close);
        manager.pressure();
      }
      await().until(() -> called.getCount() == 0);
      log.awaitLine("WARNING .*[1-9][0-9]* alert\\(s\\) that the watchdog had no time for.*");
    }
    await().until(() -> interrupted.getCount() == 0);
  }

  @Test
  void closeEndsTheThreadAndTheLines() {
    PoolMonitor monitor = monitor(OFTEN).start();
    log.awaitLine("INFO pools.*");
    monitor.close();
    monitor.close();
    assertThat(threads("cistern-monitor")).isZero();
    int lines = log.lines.size();
    fill().forEach(MemoryBlock::close);
    manager.pressure();
    assertThat(log.lines).hasSize(lines);
  }

  @Test
  void threadIsADaemonAndEndsWithThePools() {
    PoolManager pools = PoolManager.builder().pool("one", MemoryPool.builder().tier(64, 1)).build();
    PoolMonitor monitor = PoolMonitor.builder(pools).interval(OFTEN).logger(log).start();
    assertThat(Thread.getAllStackTraces().keySet())
        .filteredOn(thread -> thread.getName().equals("cistern-monitor"))
        .isNotEmpty()
        .allMatch(Thread::isDaemon);
    pools.close();
    await().until(() -> threads("cistern-monitor") == 0);
    monitor.close();
  }

  @Test
  void defaultsAreTenSecondsAndInfo() {
    PoolMonitor monitor = PoolMonitor.start(manager);
    assertThat(threads("cistern-monitor")).isEqualTo(1);
    monitor.close();
    assertThatThrownBy(() -> monitor(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("an interval of PT0S: 1 ms to 365 days are possible");
    assertThatThrownBy(() -> monitor(Duration.ofDays(366)))
        .hasMessage("an interval of PT8784H: 1 ms to 365 days are possible");
  }

  @Test
  void residentMemoryIsOfTheStatusFile(@TempDir Path folder) throws Exception {
    Path status =
        Files.writeString(
            folder.resolve("status"), "Name:\tjava\nVmHWM:\t  9 kB\nVmRSS:\t  123456 kB\n");
    assertThat(ResidentMemory.bytes(status)).isEqualTo(123_456L * 1024);
    assertThat(ResidentMemory.bytes(folder.resolve("none"))).isEqualTo(ResidentMemory.UNKNOWN);
    assertThat(ResidentMemory.bytes(Files.writeString(status, "Name:\tjava\n")))
        .isEqualTo(ResidentMemory.UNKNOWN);
  }
}
