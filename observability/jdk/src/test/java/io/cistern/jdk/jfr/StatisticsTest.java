package io.cistern.jdk.jfr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cistern.ManagerStats;
import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.PoolStats;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The figures that are recorded at a period are those of the snapshot. Budget: 5 s. */
@Timeout(60)
class StatisticsTest {
  private static final List<String> EVENTS =
      List.of("ManagerStatistics", "PoolStatistics", "TierStatistics", "VariableStatistics");

  @TempDir private Path folder;

  private static PoolManager manager() {
    return PoolManager.builder()
        .budgetBytes(1 << 20)
        .pool("frames", MemoryPool.builder().tier(64, 2, "small").tier(256, 4).fallback(1000))
        .pool("text", MemoryPool.builder().variable(4096))
        .build();
  }

  /** Leaves three blocks live, after a spill and a failure. */
  private static void use(PoolManager manager) {
    MemoryPool frames = manager.pool("frames");
    for (int i = 0; i < 3; i++) {
      assertThat(frames.allocate(60).isLive()).isTrue();
    }
    frames.allocate(700).close();
    assertThat(frames.tryAllocate(1000)).isNotNull();
    assertThat(frames.tryAllocate(999)).isNull();
    manager.pool("text").allocate(100).close();
    MemoryBlock kept = manager.pool("text").allocate(333);
    assertThat(kept.isLive()).isTrue();
  }

  @Test
  void atTheEndOfARecording() throws Exception {
    PoolManager manager = manager();
    try (JfrEvents events = JfrEvents.register(manager);
        Recording recording = new Recording()) {
      assertThat(events).isNotNull();
      EVENTS.forEach(name -> recording.enable(Recorded.PREFIX + name).with("period", "endChunk"));
      recording.start();
      use(manager);
      assertEqual(Recorded.of(recording, folder), manager.stats());
    } finally {
      manager.closeNow();
    }
  }

  @Test
  void atTheEndOfTheRegistrationWhateverThePeriod() throws Exception {
    PoolManager manager = manager();
    try (Recording recording = new Recording(JfrEvents.configuration())) {
      recording.start();
      JfrEvents events = JfrEvents.register(manager);
      use(manager);
      events.close();
      assertEqual(Recorded.of(recording, folder), manager.stats());
    } finally {
      manager.closeNow();
    }
  }

  @Test
  void atAPeriod() throws Exception {
    PoolManager manager = manager();
    try (JfrEvents events = JfrEvents.register(manager);
        Recording recording = new Recording()) {
      assertThat(events).isNotNull();
      Duration often = Duration.ofMillis(10);
      recording.enable(Recorded.PREFIX + "ManagerStatistics").withPeriod(often);
      recording.setToDisk(true);
      recording.start();
      use(manager);
      await()
          .pollInterval(Duration.ofMillis(100))
          .until(() -> {
            try (Recording copy = recording.copy(false)) {
              copy.stop();
              Path file = folder.resolve("copy-" + copy.getId() + ".jfr");
              copy.dump(file);
              return Recorded.read(file).named("ManagerStatistics").size() >= 3;
            }
          });
    } finally {
      manager.closeNow();
    }
  }

  private static void assertEqual(Recorded recorded, ManagerStats stats) {
    RecordedEvent whole = recorded.last("ManagerStatistics");
    assertThat(whole.getLong("budgetBytes")).isEqualTo(stats.budgetBytes()).isEqualTo(1 << 20);
    assertThat(whole.getLong("budgetUsedBytes")).isEqualTo(stats.budgetUsedBytes());
    assertThat(whole.getLong("regionBytes")).isEqualTo(stats.regionBytes());
    assertThat(whole.getString("pressure")).isEqualTo(stats.pressure().name());
    assertThat(whole.getInt("pools")).isEqualTo(2);
    PoolStats frames = stats.pools().getFirst();
    PoolStats text = stats.pools().getLast();
    List<RecordedEvent> pools = recorded.named("PoolStatistics");
    assertPool(pools.get(pools.size() - 2), frames);
    assertPool(pools.getLast(), text);
    List<RecordedEvent> tiers = recorded.named("TierStatistics");
    assertTier(tiers.get(tiers.size() - 2), frames.tiers().getFirst());
    assertTier(tiers.getLast(), frames.tiers().getLast());
    assertVariable(recorded.last("VariableStatistics"), Objects.requireNonNull(text.variable()));
  }

  private static void assertPool(RecordedEvent event, PoolStats stats) {
    PoolStats.Fallback fallback = stats.fallback();
    assertFields(
        event,
        Map.ofEntries(
            Map.entry("pool", stats.pool()),
            Map.entry("regionBytes", stats.regionBytes()),
            Map.entry("usedBytes", stats.usedBytes()),
            Map.entry("freeBytes", stats.freeBytes()),
            Map.entry("metadataBytes", stats.metadataBytes()),
            Map.entry("used", stats.used()),
            Map.entry("free", stats.free()),
            Map.entry("utilization", stats.utilizationPercent() / 100),
            Map.entry("pressure", stats.pressure().name()),
            Map.entry("allocations", stats.allocations()),
            Map.entry("frees", stats.frees()),
            Map.entry("failed", stats.failed()),
            Map.entry("refused", stats.refused()),
            Map.entry("spills", stats.spills()),
            Map.entry("violations", stats.violations()),
            Map.entry("waiting", stats.waiting()),
            Map.entry("regions", stats.regions().count()),
            Map.entry("grown", stats.regions().grown()),
            Map.entry("trimmed", stats.regions().trimmed()),
            Map.entry("fallbackLimitBytes", fallback == null ? 0L : fallback.limitBytes()),
            Map.entry("fallbackLiveBytes", fallback == null ? 0L : fallback.liveBytes()),
            Map.entry("fallbackAllocations", fallback == null ? 0L : fallback.allocations()),
            Map.entry("damages", stats.checks().damages()),
            Map.entry("lost", stats.checks().lost()),
            Map.entry("deferredFrees", stats.checks().deferredFrees()),
            Map.entry("allocateP50", stats.allocateTime().p50Ns()),
            Map.entry("allocateP99", stats.allocateTime().p99Ns()),
            Map.entry("allocateMax", stats.allocateTime().maxNs()),
            Map.entry("freeP50", stats.freeTime().p50Ns()),
            Map.entry("freeP99", stats.freeTime().p99Ns()),
            Map.entry("freeMax", stats.freeTime().maxNs())));
  }

  private static void assertTier(RecordedEvent event, PoolStats.Tier tier) {
    assertFields(
        event,
        Map.ofEntries(
            Map.entry("pool", "frames"),
            Map.entry("blockSizeBytes", tier.blockSizeBytes()),
            Map.entry("label", tier.label()),
            Map.entry("total", tier.total()),
            Map.entry("free", tier.free()),
            Map.entry("used", tier.used()),
            Map.entry("peakUsed", tier.peakUsed()),
            Map.entry("utilization", tier.utilizationPercent() / 100),
            Map.entry("pressure", tier.pressure().name()),
            Map.entry("allocations", tier.allocations()),
            Map.entry("frees", tier.frees()),
            Map.entry("failed", tier.failed()),
            Map.entry("spilledIn", tier.spilledIn()),
            Map.entry("spilledOut", tier.spilledOut()),
            Map.entry("requestedBytes", tier.requestedBytes()),
            Map.entry("grantedBytes", tier.grantedBytes()),
            Map.entry("internalFragmentation", tier.internalFragmentationPercent() / 100)));
  }

  private static void assertVariable(RecordedEvent event, PoolStats.Variable variable) {
    assertFields(
        event,
        Map.ofEntries(
            Map.entry("pool", "text"),
            Map.entry("totalBytes", variable.totalBytes()),
            Map.entry("usedBytes", variable.usedBytes()),
            Map.entry("freeBytes", variable.freeBytes()),
            Map.entry("usedBlocks", variable.usedBlocks()),
            Map.entry("freePieces", variable.freePieces()),
            Map.entry("largestFreeBytes", variable.largestFreeBytes()),
            Map.entry("largestAllocatableBytes", variable.largestAllocatableBytes()),
            Map.entry("peakUsedBytes", variable.peakUsedBytes()),
            Map.entry("allocations", variable.allocations()),
            Map.entry("frees", variable.frees()),
            Map.entry("failed", variable.failed()),
            Map.entry("requestedBytes", variable.requestedBytes()),
            Map.entry("grantedBytes", variable.grantedBytes()),
            Map.entry("externalFragmentation", variable.externalFragmentationPercent() / 100),
            Map.entry("internalFragmentation", variable.internalFragmentationPercent() / 100)));
  }

  /** Exactly these, beside time and thread. */
  private static void assertFields(RecordedEvent event, Map<String, Object> expected) {
    for (Map.Entry<String, Object> field : expected.entrySet()) {
      Object value = event.getValue(field.getKey());
      assertThat(value).as(field.getKey()).isEqualTo(field.getValue());
    }
    assertThat(event.getFields())
        .extracting(field -> field.getName())
        .filteredOn(name -> !Recorded.STANDARD.contains(name))
        .containsExactlyInAnyOrderElementsOf(expected.keySet());
  }
}
