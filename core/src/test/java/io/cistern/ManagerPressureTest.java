package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cistern.ManagerPressure.Reading;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pressure, reclaimers and emergencies through a manager and its real pools. Budget: 10 s. */
@Timeout(30)
class ManagerPressureTest {
  private final List<ManagerPressure> heard = new CopyOnWriteArrayList<>();
  private final AtomicInteger exhausted = new AtomicInteger();
  private final ManagerListener listener =
      new ManagerListener() {
        @Override
        public void onPressureChanged(ManagerPressure change) {
          heard.add(change);
        }

        @Override
        public void onExhausted(PoolListener.Exhaustion exhaustion) {
          exhausted.incrementAndGet();
        }
      };

  private static PoolManager manager(MemoryPool.Builder pool) {
    return PoolManager.builder().pool("main", pool).build();
  }

  private void awaitHeard(String pool, Reading reading, PressureLevel to) {
    await()
        .until(() ->
            heard.stream()
                .anyMatch(change ->
                    change.pool().equals(pool)
                        && change.cause().reading() == reading
                        && change.cause().to() == to));
  }

  @Test
  void useIsToldOfThePoolAndOfTheWhole() {
    try (PoolManager manager = manager(MemoryPool.builder().tier(64, 20))) {
      manager.addListener(listener);
      List<MemoryBlock> live = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        live.add(manager.pool("main").allocate(64));
      }
      awaitHeard("main", Reading.USED, PressureLevel.LOW);
      awaitHeard("", Reading.USED, PressureLevel.LOW);
      assertThat(manager.pressure()).isEqualTo(PressureLevel.LOW);
      for (int i = 0; i < 3; i++) {
        live.add(manager.pool("main").allocate(64));
      }
      awaitHeard("main", Reading.USED, PressureLevel.CRITICAL);
      live.forEach(MemoryBlock::close);
      awaitHeard("main", Reading.USED, PressureLevel.NORMAL);
      awaitHeard("", Reading.USED, PressureLevel.NORMAL);
      assertThat(manager.pressure()).isEqualTo(PressureLevel.NORMAL);
    }
  }

  @Test
  void tiersHaveNoFragmentationHoweverTheyAreUsed() {
    try (PoolManager manager = manager(MemoryPool.builder().tier(64, 20).tier(1024, 20))) {
      manager.addListener(listener);
      List<MemoryBlock> live = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        live.add(manager.pool("main").allocate(64));
      }
      for (int i = 0; i < 20; i += 2) {
        live.get(i).close();
      }
      manager.pressure();
      for (int i = 1; i < 20; i += 2) {
        live.get(i).close();
      }
      assertThat(heard).noneMatch(change -> change.cause().reading() == Reading.FRAGMENTATION);
    }
  }

  @Test
  void aFragmentedRegionAsksForARestartOnce() {
    AtomicInteger saved = new AtomicInteger();
    AtomicInteger restarted = new AtomicInteger();
    List<Emergencies.WatchdogAlert> watchdog = new CopyOnWriteArrayList<>();
    try (PoolManager manager = manager(MemoryPool.builder().variable(64 * 1024))) {
      manager.addListener(
          Emergencies.builder(manager::dump)
              .save(saved::incrementAndGet)
              .restart(restarted::incrementAndGet)
              .watchdog(watchdog::add)
              .build());
      List<MemoryBlock> live = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        live.add(manager.pool("main").allocate(1024));
      }
      MemoryPool main = manager.pool("main");
      live.sort(Comparator.comparingLong(block -> main.offset(block.handle())));
      for (int i = 0; i < 64; i += 2) {
        live.get(i).close(); // 32 pieces of 1 KiB: 97 % of the free bytes are not in the largest
      }
      await().until(() -> restarted.get() == 1);
      assertThat(saved).hasValue(1);
      await().until(() -> !watchdog.isEmpty()); // by use or by fragmentation, whichever came first
      for (int i = 1; i < 64; i += 2) {
        live.get(i).close();
      }
      assertThat(restarted).hasValue(1);
    }
  }

  @Test
  void freeBytesAreThoseThatNobodyHasTaken() {
    PressureLimits limits = PressureLimits.defaults().withFreeBytes(50 * 1024, 20 * 1024);
    try (PoolManager manager =
        PoolManager.builder()
            .budgetBytes(100 * 1024)
            .fallbackBytes(40 * 1024)
            .buffer("fixed", 10 * 1024)
            .pool("main", MemoryPool.builder().tier(1024, 10).sharedFallback())
            .pressure(limits)
            .listener(listener)
            .build()) {
      assertThat(manager.pressure()).isEqualTo(PressureLevel.NORMAL); // 80 KiB are free
      MemoryPool main = manager.pool("main");
      MemoryBlock one = main.allocate(35 * 1024);
      assertThat(manager.pressure()).isEqualTo(PressureLevel.LOW); // 45 KiB
      one.close();
      manager.setPressureLimits(limits.withFreeBytes(90 * 1024, 85 * 1024));
      awaitHeard("", Reading.FREE_BYTES, PressureLevel.CRITICAL);
      manager.setPressureLimits(limits);
      awaitHeard("", Reading.FREE_BYTES, PressureLevel.NORMAL);
      assertThat(manager.pressureLimits()).isEqualTo(limits);
    }
  }

  static List<UnaryOperator<MemoryPool.Builder>> kinds() {
    return List.of(
        pool -> pool.tier(1024, 4),
        pool -> pool.tier(1024, 100).tier(64, 2),
        pool -> pool.variable(4096),
        pool -> pool.tier(1024, 4).labels(),
        pool -> pool.variable(4096).labels());
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aRequestIsTriedAgainAfterMemoryWasFreedForIt(UnaryOperator<MemoryPool.Builder> kind) {
    Cache cache = new Cache();
    try (PoolManager manager = manager(kind.apply(MemoryPool.builder()))) {
      MemoryPool main = manager.pool("main");
      MemoryBlock last = main.tryAllocate(1024);
      while (last != null) {
        cache.add(last);
        last = main.tryAllocate(1024);
      }
      int all = cache.size();
      manager.addListener(listener);
      try (Reclaimer.Registration registration =
          manager.addReclaimer(1, "cache", request -> cache.dropOne())) {
        assertThat(registration).isNotNull();
        try (MemoryBlock block = main.allocate(1024)) {
          assertThat(block.isLive()).isTrue();
        }
        main.allocate(1024).close();
        long handle = main.allocateHandle(1024);
        main.free(handle);
        assertThat(exhausted).hasValue(0);
        assertThat(manager.reclaimers().getFirst().name()).isEqualTo("cache");
        assertThat(cache.size()).isLessThan(all);
      }
      cache.keepTheRest();
      List<MemoryBlock> live = new ArrayList<>();
      MemoryBlock more = main.tryAllocate(1024);
      while (more != null) {
        live.add(more);
        more = main.tryAllocate(1024);
      }
      assertThat(exhausted).hasValue(1);
      assertThatThrownBy(() -> main.allocate(1024)).isInstanceOf(PoolExhaustedException.class);
      assertThat(exhausted).hasValue(2);
      live.forEach(MemoryBlock::close);
      cache.close();
    }
  }

  /**
   * Blocks that a reclaimer gives back; it may still be called when it is not registered any more.
   */
  private static final class Cache implements AutoCloseable {
    private final Deque<MemoryBlock> blocks = new ArrayDeque<>();
    private boolean keeps;

    synchronized void add(MemoryBlock block) {
      blocks.add(block);
    }

    synchronized int size() {
      return blocks.size();
    }

    synchronized long dropOne() {
      MemoryBlock old = keeps ? null : blocks.poll();
      if (old == null) {
        return 0;
      }
      old.close();
      return 1024;
    }

    /** No call that is still under way drops a block after this. */
    synchronized void keepTheRest() {
      keeps = true;
    }

    @Override
    public synchronized void close() {
      blocks.forEach(MemoryBlock::close);
    }
  }

  @Test
  void aReclaimerThatAllocatesIsRefusedAndDoesNotWaitForItself() {
    try (PoolManager manager = manager(MemoryPool.builder().tier(64, 1))) {
      MemoryPool main = manager.pool("main");
      AtomicInteger inside = new AtomicInteger();
      manager.addReclaimer(
          1,
          "greedy",
          request -> {
            if (main.tryAllocate(64) == null) {
              inside.incrementAndGet();
            }
            return 0;
          });
      try (MemoryBlock only = main.allocate(64)) {
        assertThat(main.tryAllocate(64)).isNull();
        assertThat(only.isLive()).isTrue();
      }
      assertThat(inside.get()).isPositive();
    }
  }

  @Test
  void aConfinedPoolIsNotWaitedFor() {
    try (PoolManager manager = manager(MemoryPool.builder().tier(64, 1).confined())) {
      AtomicInteger asked = new AtomicInteger();
      manager.setReclaimTime(Duration.ofMillis(50));
      try (MemoryBlock only = manager.pool("main").allocate(64)) {
        manager.addReclaimer(1, "counts", request -> asked.incrementAndGet());
        int before = asked.get();
        assertThat(manager.pool("main").tryAllocate(64)).isNull();
        assertThat(asked.get() - before)
            .isLessThanOrEqualTo(1); // by the level, never by the request
        assertThat(only.isLive()).isTrue();
      }
    }
  }

  /** Two pools, of which the budget allows one region: whoever needs it gets it from the other. */
  @Test
  void aRegionThatNobodyUsesIsGivenToWhoNeedsIt() {
    Duration never = Duration.ofDays(1);
    try (PoolManager manager =
        PoolManager.builder()
            .budgetBytes(4096)
            .pool("audio", MemoryPool.builder().tier(1024, 4).regions(0, 1, never))
            .pool("network", MemoryPool.builder().variable(4096).regions(0, 1, never))
            .build()) {
      MemoryPool audio = manager.pool("audio");
      MemoryPool network = manager.pool("network");
      for (int round = 0; round < 10; round++) {
        try (MemoryBlock sample = audio.allocate(1000)) {
          assertThat(sample.isLive()).isTrue();
          assertThat(network.tryAllocate(4096)).as("audio uses its region").isNull();
          assertThat(manager.budgetUsedBytes()).isEqualTo(4096);
        }
        try (MemoryBlock packet = network.allocate(4096)) {
          assertThat(packet.isLive()).isTrue();
          assertThat(audio.stats().regions().count()).isZero();
          assertThat(audio.tryAllocate(1000)).as("network uses its region").isNull();
        }
      }
      assertThat(manager.trim()).isEqualTo(4096);
      assertThat(manager.trim()).isZero();
      assertThat(manager.regionBytes()).isZero();
      assertThat(manager.budgetUsedBytes()).isZero();
    }
  }

  @Test
  void theThreadThatLooksEndsWithTheManager() {
    PoolManager manager = manager(MemoryPool.builder().tier(64, 1));
    await().until(() -> lookers() == 0); // those of other tests have been told to end
    manager.addListener(listener);
    await().until(() -> lookers() == 1);
    manager.close();
    await().until(() -> lookers() == 0);
  }

  private static long lookers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("cistern-pressure"))
        .count();
  }
}
