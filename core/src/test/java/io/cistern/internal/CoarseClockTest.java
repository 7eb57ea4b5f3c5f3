package io.cistern.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The clock runs while somebody needs it, at the rate of real time, across the end of its range.
 */
class CoarseClockTest {
  private static List<Thread> tickers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("cistern-clock"))
        .toList();
  }

  @Test
  void oneDaemonRunsWhileTheClockIsRetained() {
    CoarseClock.retain();
    CoarseClock.retain();
    assertThat(tickers()).hasSize(1).allMatch(Thread::isDaemon);
    CoarseClock.release();
    assertThat(tickers()).hasSize(1);
    CoarseClock.release();
    await().pollInterval(Duration.ofMillis(1)).until(() -> tickers().isEmpty());
  }

  @Test
  void ticksKeepPaceWithTime() {
    CoarseClock.retain();
    try {
      int start = CoarseClock.ticks();
      long startNanos = System.nanoTime();
      await().pollInterval(Duration.ofMillis(1)).until(() -> CoarseClock.millisSince(start) >= 100);
      long elapsedMillis = (System.nanoTime() - startNanos) / 1_000_000;
      assertThat(elapsedMillis).isGreaterThanOrEqualTo(90);
      assertThat(CoarseClock.millisSince(start)).isLessThanOrEqualTo(elapsedMillis + 20);
      assertThat(CoarseClock.ticks()).isNotNegative();
    } finally {
      CoarseClock.release();
    }
  }

  @Test
  void agesSpanTheEndOfTheRange() {
    int now = CoarseClock.ticks();
    assertThat(CoarseClock.millisSince(now)).isZero();
    assertThat(CoarseClock.millisSince(Integer.MAX_VALUE)).isEqualTo((now + 1L) * 10);
    assertThat(CoarseClock.millisSince(now + 1 & Integer.MAX_VALUE))
        .isEqualTo(Integer.MAX_VALUE * 10L);
  }
}
