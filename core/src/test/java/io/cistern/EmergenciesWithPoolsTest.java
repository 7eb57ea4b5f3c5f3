package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Emergencies that real pools are in: one fragmented, one exhausted, one budget used up. */
class EmergenciesWithPoolsTest {
  private static final int BLOCK = 1 << 10;
  private static final int BLOCKS = 160;

  private final List<String> done = new CopyOnWriteArrayList<>();
  private final Deque<MemoryBlock> cache = new ArrayDeque<>();
  private final LogLines log = new LogLines();
  private final PoolManager manager =
      PoolManager.builder()
          .pool("any", MemoryPool.builder().variable(BLOCKS * BLOCK))
          .pool("tiers", MemoryPool.builder().tier(64, 4).listener(forwarding()))
          .budgetBytes(1 << 20)
          .build();
  private final Emergencies emergencies =
      Emergencies.builder(manager::dump)
          .executor(Runnable::run)
          .save(() -> done.add("save"))
          .restart(() -> done.add("restart"))
          .shed(() -> done.add("shed"))
          .reclaimOld(Duration.ofMinutes(1), (request, age) -> dropCache())
          .alert(alert -> done.add("alert " + alert.trigger()))
          .watchdog(alert -> done.add("watchdog " + alert.cause().reading()))
          .build();
  private final PressureGauge gauge =
      new PressureGauge(PressureLimits.defaults().withFreeBytes(50 << 10, 20 << 10));

  private PoolListener forwarding() {
    return new PoolListener() {
      @Override
      public void onExhausted(Exhaustion exhaustion) {
        emergencies.onExhausted(exhaustion);
      }
    };
  }

  private long dropCache() {
    long bytes = cache.stream().mapToLong(MemoryBlock::byteSize).sum();
    done.add("dropped " + bytes);
    cache.forEach(MemoryBlock::close);
    cache.clear();
    return bytes;
  }

  /** The readings of the pool of variable size, as a manager takes them. */
  private final PressureGauge.Source readings =
      new PressureGauge.Source() {
        @Override
        public long freeBytes() {
          return figures().freeBytes();
        }

        @Override
        public double fragmentationPercent() {
          return figures().externalFragmentationPercent();
        }

        private PoolStats.Variable figures() {
          return Objects.requireNonNull(manager.pool("any").stats().variable());
        }
      };

  private void look() {
    gauge.follow(readings, change -> emergencies.onPressureChanged(change.in("any")));
  }

  @AfterEach
  void finish() {
    manager.verify().forEach(VerifyReport::orThrow);
    manager.close();
    log.close();
  }

  /** Every second block is freed, so half of the region is free and no piece of it is large. */
  @Test
  void aFragmentedRegionIsDumpedSavedAndRestartedOnce() {
    MemoryPool any = manager.pool("any");
    List<MemoryBlock> live = new ArrayList<>();
    for (int i = 0; i < BLOCKS; i++) {
      live.add(any.allocate(BLOCK));
    }
    live.sort(Comparator.comparingLong(block -> block.segment().address()));
    free(live.subList(0, BLOCKS / 2));
    look();
    assertThat(readings.fragmentationPercent()).as("half, in one piece").isZero();
    assertThat(done).isEmpty();
    List<MemoryBlock> rest = new ArrayList<>();
    for (int i = 0; i < BLOCKS / 2; i++) {
      live.addFirst(any.allocate(BLOCK));
    }
    live.sort(Comparator.comparingLong(block -> block.segment().address()));
    for (int i = BLOCKS - 1; i > 0; i -= 2) {
      rest.add(live.remove(i));
    }
    free(rest);
    assertThat(readings.fragmentationPercent()).isEqualTo(98.75);
    look();
    assertThat(log.with("by fragmentation of")).hasSize(1);
    assertThat(log.with("by fragmentation of").getFirst())
        .contains("pool 'any'  NORMAL", "external 98.8 %");
    assertThat(done).containsExactly("watchdog FRAGMENTATION", "save", "restart");
    look();
    assertThat(done).as("once").hasSize(3);
    free(live);
    look();
    assertThat(gauge.level()).isEqualTo(PressureLevel.NORMAL);
  }

  private static void free(List<MemoryBlock> blocks) {
    blocks.forEach(MemoryBlock::close);
    blocks.clear();
  }

  @Test
  void anExhaustedPoolShedsDropsWhatIsOldAndServesAgain() {
    MemoryPool tiers = manager.pool("tiers");
    for (int i = 0; i < 4; i++) {
      cache.add(tiers.allocate(64));
    }
    assertThatThrownBy(() -> tiers.allocate(64)).isInstanceOf(PoolExhaustedException.class);
    assertThat(done).containsExactly("shed", "dropped 256", "alert EXHAUSTED");
    tiers.allocate(64).close();
    assertThat(log.with("gave 256 B back"))
        .containsExactly(
            "SEVERE pool 'tiers' is exhausted: asked 64 B, largest free block 0 B, free 0 B,"
                + " used 256 B, limit 256 B; what is older than PT1M gave 256 B back");
  }

  @Test
  void freeBytesThatRunLowAreLoggedThenAlert() {
    MemoryPool any = manager.pool("any");
    cache.add(any.allocate((BLOCKS - 50) * BLOCK));
    look();
    assertThat(log.with("free bytes")).isEmpty();
    cache.add(any.allocate(8));
    look();
    assertThat(log.with("free bytes 51192, threshold 51200")).hasSize(1);
    assertThat(done).isEmpty();
    cache.add(any.allocate(30 * BLOCK));
    look();
    assertThat(log.with("free bytes 20472, threshold 20480")).hasSize(1);
    assertThat(done).containsExactly("watchdog FREE_BYTES", "alert FREE_BYTES_CRITICAL");
    dropCache();
    look();
    assertThat(gauge.level()).isEqualTo(PressureLevel.NORMAL);
  }

  /** What a manager does with a request that found nothing: reclaim, then try once more. */
  @Test
  void aReclaimerMakesRoomForTheRequestThatFailed() {
    MemoryPool any = manager.pool("any");
    try (Reclaimers reclaimers = new Reclaimers()) {
      reclaimers.time(Duration.ofSeconds(20));
      reclaimers.add(1, "cache", request -> dropCache());
      cache.add(any.allocate(BLOCKS * BLOCK));
      assertThat(any.tryAllocate(64)).isNull();
      assertThat(reclaimers.run(ReclaimersTest.request("any", 64, Duration.ofSeconds(20))))
          .isTrue();
      any.allocate(64).close();
      assertThat(reclaimers.stats())
          .containsExactly(new ReclaimerStats("cache", 1, 1, BLOCKS * BLOCK, 0, 0, false));
    }
  }
}
