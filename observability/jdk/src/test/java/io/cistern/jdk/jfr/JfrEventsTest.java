package io.cistern.jdk.jfr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cistern.CheckLevel;
import io.cistern.InvalidFreeException;
import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each event with its exact figures, from a recording that was written and read back. Budget: 15 s.
 */
@Timeout(60)
class JfrEventsTest {
  @TempDir private Path folder;
  private final Deque<MemoryBlock> live = new ArrayDeque<>();
  private Recording recording = new Recording();

  /** The shipped settings, with every event however many there are. */
  @BeforeEach
  void start() {
    recording = new Recording(JfrEvents.configuration());
    for (String throttled :
        List.of("AllocationSampled", "AllocationFailed", "Spill", "Fallback", "Violation")) {
      recording.enable(Recorded.PREFIX + throttled).with("throttle", "off");
    }
    recording.start();
  }

  @AfterEach
  void end() {
    recording.close();
  }

  private void free(MemoryPool pool) {
    live.forEach(MemoryBlock::close);
    live.clear();
    pool.verify().orThrow();
    assertThat(pool.stats().used()).isZero();
  }

  private static void assertFigures(RecordedEvent event, String expected) {
    assertThat(Recorded.figures(event)).isEqualTo(expected);
  }

  @Test
  void requestsThatTheTierCouldNotServe() throws Exception {
    try (MemoryPool pool =
            MemoryPool.builder()
                .name("p")
                .tier(64, 1)
                .tier(256, 1)
                .labels()
                .fallback(1000)
                .build();
        JfrEvents events = JfrEvents.register(pool)) {
      assertThat(events).isNotNull();
      MemoryPool codec = pool.labelled("codec");
      live.add(codec.allocate(50));
      live.add(codec.allocate(51));
      live.add(codec.allocate(52));
      assertThat(codec.tryAllocate(960)).isNull();
      free(pool);
    }
    Recorded recorded = Recorded.of(recording, folder);
    assertThat(recorded.named("AllocationSampled"))
        .extracting(Recorded::figures)
        .containsExactly(
            "requestedBytes=50 grantedBytes=64 label=codec weight=1.0 pool=p",
            "requestedBytes=51 grantedBytes=256 label=codec weight=1.0 pool=p",
            "requestedBytes=52 grantedBytes=52 label=codec weight=1.0 pool=p");
    assertThat(recorded.named("Spill")).hasSize(1);
    assertFigures(
        recorded.last("Spill"),
        "requestedBytes=51 wantedBlockSizeBytes=64 takenBlockSizeBytes=256 label=codec pool=p");
    assertFigures(
        recorded.last("Fallback"), "bytes=52 liveBytes=52 limitBytes=1000 label=codec pool=p");
    assertFigures(
        recorded.last("AllocationFailed"),
        "requestedBytes=960 tierBlockSizeBytes=960 largestFreeBytes=0 freeBytes=0 usedBytes=320 limitBytes=320 label=codec pool=p");
    for (String name : List.of("AllocationSampled", "Spill", "Fallback", "AllocationFailed")) {
      RecordedEvent event = recorded.last(name);
      assertThat(Recorded.passes(event, "requestsThatTheTierCouldNotServe")).as(name).isTrue();
      assertThat(event.getThread().getJavaName()).isEqualTo(Thread.currentThread().getName());
    }
  }

  @Test
  void regionsThatComeAndGo() throws Exception {
    MemoryPool.Builder growing = MemoryPool.builder().tier(64, 4).regions(0, 1, Duration.ofDays(1));
    try (PoolManager manager = PoolManager.builder().pool("p", growing).build();
        JfrEvents events = JfrEvents.register(manager)) {
      assertThat(events).isNotNull();
      manager.pool("p").allocate(64).close();
      assertThat(manager.trim()).isEqualTo(256);
      free(manager.pool("p"));
    }
    Recorded recorded = Recorded.of(recording, folder);
    assertThat(recorded.named("Grow"))
        .extracting(Recorded::figures)
        .containsExactly("bytes=256 regions=1 regionBytes=256 pool=p");
    assertThat(recorded.named("Trim"))
        .extracting(Recorded::figures)
        .containsExactly("bytes=256 regions=0 regionBytes=0 pool=p");
  }

  @Test
  void levels() throws Exception {
    try (MemoryPool pool = MemoryPool.builder().name("p").tier(64, 2).build();
        JfrEvents events = JfrEvents.register(pool)) {
      assertThat(events).isNotNull();
      live.add(pool.allocate(64));
      live.add(pool.allocate(64));
      await().until(() -> pool.tryAllocate(64) == null && isCritical(pool));
      free(pool);
    }
    Recorded recorded = Recorded.of(recording, folder);
    assertThat(recorded.named("PressureChange"))
        .extracting(Recorded::figures)
        .contains(
            "tierBlockSizeBytes=64 from=NORMAL to=CRITICAL usedBytes=128 totalBytes=128 pool=p",
            "tierBlockSizeBytes=0 from=NORMAL to=CRITICAL usedBytes=128 totalBytes=128 pool=p");
  }

  private static boolean isCritical(MemoryPool pool) {
    return pool.dump().contains("CRITICAL");
  }

  @Test
  void freesThatAreRefused() throws Exception {
    try (MemoryPool pool = MemoryPool.builder().name("p").tier(64, 2).build();
        JfrEvents events = JfrEvents.register(pool)) {
      assertThat(events).isNotNull();
      MemoryBlock block = pool.allocate(64);
      block.close();
      assertThatThrownBy(block::close).isInstanceOf(InvalidFreeException.class);
      free(pool);
    }
    RecordedEvent violation = Recorded.of(recording, folder).last("Violation");
    assertThat(violation.getString("reason")).isEqualTo("DOUBLE_FREE");
    assertThat(violation.getString("message")).contains("DOUBLE_FREE", "of 64 B", "pool 'p'");
    assertThat(violation.getString("pool")).isEqualTo("p");
    assertThat(Recorded.passes(violation, "freesThatAreRefused")).isTrue();
  }

  @Test
  void whatACheckedPoolFinds() throws Exception {
    MemoryPool pool = MemoryPool.builder().name("p").tier(64, 4).checks(CheckLevel.CHECKED).build();
    try (JfrEvents events = JfrEvents.register(pool)) {
      assertThat(events).isNotNull();
      MemoryBlock block = pool.allocate(50);
      pool.region().set(ValueLayout.JAVA_BYTE, pool.offset(block.handle()) + 52, (byte) 7);
      block.close();
      forget(pool);
      await()
          .until(() -> {
            System.gc();
            pool.report(Duration.ZERO);
            return pool.stats().checks().lost() == 1;
          });
      pool.verify().orThrow();
    }
    pool.close();
    Recorded recorded = Recorded.of(recording, folder);
    RecordedEvent damage = recorded.last("Damage");
    assertThat(damage.getString("kind")).isEqualTo("OVERFLOW");
    assertThat(damage.getString("block")).contains("of 64 B", "pool 'p'");
    assertThat(damage.getLong("blockBytes")).isEqualTo(50);
    assertThat(damage.getLong("firstByte")).isEqualTo(52);
    assertThat(damage.getLong("lastByte")).isEqualTo(52);
    assertThat(damage.getString("allocatedBy")).contains("whatACheckedPoolFinds");
    assertThat(damage.getString("freedBy")).isEmpty();
    assertThat(damage.getString("pool")).isEqualTo("p");
    RecordedEvent lost = recorded.last("BlockLost");
    assertThat(lost.getLong("bytes")).isEqualTo(33);
    assertThat(lost.getString("block")).contains("of 64 B", "pool 'p'");
    assertThat(lost.getString("allocatedBy")).contains("JfrEventsTest.forget(");
    assertThat(recorded.named("AllocationSampled")).as("every allocation").hasSize(2);
  }

  private static void forget(MemoryPool pool) {
    assertThat(pool.allocate(33).isLive()).isTrue();
  }

  @Test
  void leakSuspects() throws Exception {
    recording
        .enable("io.cistern.LeakSuspect")
        .with("period", "endChunk")
        .with("olderThan", "50 ms");
    try (MemoryPool pool = MemoryPool.builder().name("p").tier(64, 4).labels().build();
        JfrEvents events = JfrEvents.register(pool)) {
      assertThat(events).isNotNull();
      live.add(pool.labelled("cache").allocate(40));
      live.add(pool.labelled("cache").allocate(41));
      await().until(() -> pool.report(Duration.ofMillis(50)).blocks() == 2);
      Recorded recorded = Recorded.of(recording, folder);
      assertThat(recorded.named("LeakSuspect")).hasSize(2);
      RecordedEvent suspect = recorded.last("LeakSuspect");
      assertThat(suspect.getLong("blocks")).isEqualTo(1);
      assertThat(suspect.getLong("bytes")).isEqualTo(40);
      assertThat(suspect.getLong("estimatedBytes")).isEqualTo(40);
      assertThat(suspect.getDuration("oldest")).isGreaterThanOrEqualTo(Duration.ofMillis(50));
      assertThat(suspect.getBoolean("complete")).isFalse();
      assertThat(suspect.getString("labels")).isEqualTo("cache");
      assertThat(suspect.getString("threads")).isEqualTo(Thread.currentThread().getName());
      assertThat(suspect.getString("allocatedBy")).contains("JfrEventsTest.leakSuspects(");
      free(pool);
    }
  }

  @Test
  void whatIsYoungerIsNoSuspect() throws Exception {
    recording.enable("io.cistern.LeakSuspect").with("period", "endChunk").with("olderThan", "1 h");
    try (MemoryPool pool = MemoryPool.builder().tier(64, 4).build();
        JfrEvents events = JfrEvents.register(pool)) {
      assertThat(events).isNotNull();
      live.add(pool.allocate(40));
      assertThat(Recorded.of(recording, folder).named("LeakSuspect")).isEmpty();
      free(pool);
    }
  }

  @Test
  void poolsThatAreNotAskedForAreLeftOut() throws Exception {
    recording.enable("io.cistern.Spill").with("pools", "fra*, audio");
    try (MemoryPool frames = MemoryPool.builder().name("frames").tier(64, 1).tier(128, 1).build();
        MemoryPool other = MemoryPool.builder().name("other").tier(64, 1).tier(128, 1).build();
        JfrEvents events = JfrEvents.register(frames, other)) {
      assertThat(events).isNotNull();
      for (MemoryPool pool : List.of(frames, other)) {
        live.add(pool.allocate(64));
        live.add(pool.allocate(64));
      }
      assertThat(Recorded.of(recording, folder).named("Spill"))
          .extracting(event -> event.getString("pool"))
          .containsExactly("frames");
      live.forEach(MemoryBlock::close);
    }
  }

  @Test
  void nothingIsPutTogetherWhileNothingIsRecorded() {
    recording.close();
    EventWriter writer = new EventWriter("p");
    for (io.cistern.PoolListener.Kind kind : io.cistern.PoolListener.Kind.values()) {
      assertThat(writer.hears(kind)).as(kind.name()).isFalse();
    }
  }

  @Test
  void closedEventsAreHeardOfNoMore() throws Exception {
    try (MemoryPool pool = MemoryPool.builder().tier(64, 1).tier(128, 2).build()) {
      JfrEvents events = JfrEvents.register(pool);
      live.add(pool.allocate(64));
      live.add(pool.allocate(64));
      events.close();
      events.close();
      live.add(pool.allocate(64));
      assertThat(Recorded.of(recording, folder).named("Spill")).hasSize(1);
      free(pool);
    }
  }
}
