package io.cistern.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.ManagerPressure;
import io.cistern.ManagerPressure.Cause;
import io.cistern.ManagerPressure.Reading;
import io.cistern.ManagerStats;
import io.cistern.MemoryPool;
import io.cistern.PoolListener;
import io.cistern.PoolManager;
import io.cistern.PressureLevel;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Events stay few and bounded, however much is told. Budget: 1 s. */
class EventFeedTest {
  private static final long SECOND = 1000;

  private final PoolManager manager =
      PoolManager.builder().pool("main", MemoryPool.builder().tier(64, 4)).build();
  private final ManagerStats stats = manager.stats();
  private final EventFeed feed = new EventFeed(stats);

  @AfterEach
  void close() {
    manager.close();
  }

  private ManagerStats at(long millis) {
    return new ManagerStats(
        stats.timeMillis() + millis,
        stats.budgetBytes(),
        stats.budgetUsedBytes(),
        stats.regionBytes(),
        stats.fallbackLimitBytes(),
        stats.fallbackLiveBytes(),
        stats.pressure(),
        stats.pools(),
        stats.quotas(),
        stats.reclaimers());
  }

  private List<String> messages() {
    return feed.after(0)
        .path("events")
        .valueStream()
        .map(event -> event.path("message").asString())
        .toList();
  }

  private void refuse(int times) {
    for (int i = 0; i < times; i++) {
      feed.onExhausted(new PoolListener.Exhaustion("main", 65, 64, 0, 0, 256, 256));
    }
  }

  @Test
  void aMillionRefusedRequestsAreOneEventInTenSeconds() {
    refuse(1_000_000);
    feed.compare(at(0));
    refuse(5);
    feed.compare(at(SECOND));
    assertThat(messages())
        .containsExactly(
            "1,000,000 requests refused, the last for 65 B: largest free 0 B, used 256 of 256 B");
    feed.compare(at(10 * SECOND));
    assertThat(messages())
        .hasSize(2)
        .last()
        .asString()
        .startsWith("5 requests refused, the last for 65 B");
  }

  @Test
  void changesOfLevelThatDoNotFitAreCounted() {
    Cause cause = new Cause(Reading.USED, PressureLevel.NORMAL, PressureLevel.CRITICAL, 97.5, 95);
    ManagerPressure change =
        new ManagerPressure("main", PressureLevel.NORMAL, PressureLevel.CRITICAL, cause);
    for (int i = 0; i < 300; i++) {
      feed.onPressureChanged(change);
    }
    feed.compare(at(SECOND));
    assertThat(messages())
        .hasSize(257)
        .contains("pool 'main': NORMAL -> CRITICAL by use of 97.5 %, threshold 95.0 %")
        .endsWith("44 more changes of level");
  }

  @Test
  void oldEventsAreForgottenAndNewOnesKeepTheirNumbers() {
    for (int i = 0; i < EventFeed.MOST + 20; i++) {
      refuse(1);
      feed.compare(at(10 * SECOND * i));
    }
    JsonNode kept = feed.after(0).path("events");
    assertThat(kept).hasSize(EventFeed.MOST);
    assertThat(kept.path(0).path("sequence").asLong()).isEqualTo(21);
    assertThat(feed.after(feed.last() - 3).path("events")).hasSize(3);
  }

  @Test
  void whatTwoSnapshotsDifferInIsAnEvent() {
    try (PoolManager other =
        PoolManager.builder().pool("main", MemoryPool.builder().tier(64, 4)).build()) {
      EventFeed differences = new EventFeed(other.stats());
      MemoryPool pool = other.pool("main");
      long handle = pool.allocateHandle(8);
      pool.free(handle);
      assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> pool.free(handle)))
          .isNotNull();
      differences.compare(other.stats());
      assertThat(differences.after(0).path("events").path(0).toString())
          .contains("\"kind\":\"VIOLATION\"", "1 wrong frees (1 in all)");
    }
  }
}
