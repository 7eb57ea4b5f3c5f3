package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cistern.PoolListener.Kind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What listeners hear that come when the pool is in use. Budget: 3 s. */
@Timeout(30)
class LateListenerTest {
  private final Ear ear = new Ear();
  private final Deque<MemoryBlock> live = new ArrayDeque<>();
  private MemoryPool pool = MemoryPool.builder().tier(8, 1).build();

  /** Keeps the records that it hears. */
  private static class Ear implements PoolListener {
    final List<Object> heard = new CopyOnWriteArrayList<>();
    final Set<Kind> deaf = EnumSet.of(Kind.SAMPLED, Kind.PRESSURE);

    @Override
    public boolean hears(Kind kind) {
      return !deaf.contains(kind);
    }

    @Override
    public void onExhausted(Exhaustion exhaustion) {
      heard.add(exhaustion);
    }

    @Override
    public void onPressureChanged(PressureChange change) {
      heard.add(change);
    }

    @Override
    public void onViolation(InvalidFreeException violation) {
      heard.add(violation.reason());
    }

    @Override
    public void onSampled(Sampled sampled) {
      heard.add(sampled);
    }

    @Override
    public void onSpilled(Spilled spilled) {
      heard.add(spilled);
    }

    @Override
    public void onFallback(FallbackTaken taken) {
      heard.add(taken);
    }

    @Override
    public void onGrown(RegionChange change) {
      heard.add("grown " + change);
    }

    @Override
    public void onTrimmed(RegionChange change) {
      heard.add("trimmed " + change);
    }

    List<Object> take() {
      List<Object> taken = List.copyOf(heard);
      heard.clear();
      return taken;
    }
  }

  private MemoryPool open(MemoryPool.Builder builder) {
    pool.close();
    pool = builder.name("p").build();
    pool.addListener(ear);
    return pool;
  }

  @AfterEach
  void finish() {
    live.forEach(MemoryBlock::close);
    MemoryPoolContract.assertInOrder(pool);
    pool.close();
  }

  @Test
  void aSpillIsToldWithItsTiers() {
    open(MemoryPool.builder().tier(64, 1).tier(256, 2));
    live.add(pool.allocate(50));
    assertThat(ear.take()).isEmpty();
    live.add(pool.allocate(50));
    live.add(pool.allocate(60));
    assertThat(ear.take())
        .containsExactly(
            new PoolListener.Spilled("p", 50, 64, 256, ""),
            new PoolListener.Spilled("p", 60, 64, 256, ""));
    assertThat(pool.stats().spills()).isEqualTo(2);
  }

  @Test
  void aSpillUnderALabelIsToldWithIt() {
    open(MemoryPool.builder().tier(64, 1).tier(256, 1).labels());
    MemoryPool labelled = pool.labelled("codec");
    live.add(labelled.allocate(50));
    live.add(labelled.allocate(51));
    assertThat(labelled.tryAllocate(52)).isNull();
    assertThat(ear.take())
        .containsExactly(
            new PoolListener.Spilled("p", 51, 64, 256, "codec"),
            new PoolListener.Exhaustion("p", 52, 64, 0, 0, 320, 320, "codec"));
  }

  /** The block is claimed under the lock of the queue, for another thread. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aSpillOfOneWhoWaitedIsToldOutsideOfTheLock(boolean governed) throws Exception {
    MemoryPool.Builder builder = MemoryPool.builder().tier(64, 1).tier(256, 1);
    open(governed ? builder.labels() : builder);
    live.add(pool.allocate(50));
    live.add(pool.allocate(50));
    ear.take();
    FutureTask<MemoryBlock> waiter =
        Threads.start(Thread.ofPlatform(), () -> pool.allocate(20, Duration.ofSeconds(10)));
    Threads.untilWaiting(pool, 1);
    live.removeLast().close();
    live.add(Threads.get(waiter));
    Threads.until("told", () -> !ear.heard.isEmpty());
    assertThat(ear.take()).containsExactly(new PoolListener.Spilled("p", 20, 64, 256, ""));
  }

  @Test
  void fallbackMemoryIsToldWithWhatIsLive() {
    open(MemoryPool.builder().tier(64, 1).fallback(1000).labels());
    MemoryPool labelled = pool.labelled("big");
    live.add(labelled.allocate(300));
    live.add(labelled.allocate(500));
    assertThat(ear.take())
        .containsExactly(
            new PoolListener.FallbackTaken("p", 300, 300, 1000, "big"),
            new PoolListener.FallbackTaken("p", 500, 800, 1000, "big"));
  }

  @Test
  void regionsThatComeAndGoAreToldWithWhatThereIsNow() {
    MemoryPool.Builder growing = MemoryPool.builder().tier(64, 4).regions(0, 2, Duration.ofDays(1));
    try (PoolManager manager = PoolManager.builder().pool("p", growing).build()) {
      manager.addPoolListener(ear);
      for (int i = 0; i < 8; i++) {
        live.add(manager.pool("p").allocate(64));
      }
      Threads.until("grown twice", () -> ear.heard.size() == 2);
      live.forEach(MemoryBlock::close);
      live.clear();
      assertThat(manager.trim()).isEqualTo(512);
      assertThat(ear.take())
          .containsExactly(
              "grown " + new PoolListener.RegionChange("p", 256, 1, 256),
              "grown " + new PoolListener.RegionChange("p", 256, 2, 512),
              "trimmed " + new PoolListener.RegionChange("p", 256, 1, 256),
              "trimmed " + new PoolListener.RegionChange("p", 256, 0, 0));
      assertThat(manager.pool("p").stats().regions()).isEqualTo(new PoolStats.Regions(0, 2, 2));
    }
  }

  @Test
  void aCountThatIsChangedIsARegionMoreOrLess() {
    pool.close();
    try (PoolManager manager =
        PoolManager.builder()
            .pool(
                "p", MemoryPool.builder().tier(64, 4).regions(1, 3, Duration.ofDays(1)).resizable())
            .build()) {
      manager.addPoolListener(ear);
      manager.setCount("p", 64, 6);
      manager.setCount("p", 64, 4);
      manager.setRegions("p", 2, 3);
      assertThat(ear.take())
          .containsExactly(
              "grown " + new PoolListener.RegionChange("p", 128, 2, 384),
              "trimmed " + new PoolListener.RegionChange("p", 128, 1, 256),
              "grown " + new PoolListener.RegionChange("p", 256, 2, 512));
      manager.removePoolListener(ear);
      manager.setCount("p", 64, 9);
      assertThat(ear.take()).isEmpty();
    }
    pool = MemoryPool.builder().tier(8, 1).build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "labelled", "checked", "variable"})
  void aSampleIsToldWithItsPlace(String kind) {
    MemoryPool.Builder builder = MemoryPool.builder();
    open(
        switch (kind) {
          case "plain" -> builder.tier(64, 4);
          case "labelled" -> builder.tier(64, 4).labels();
          case "checked" -> builder.tier(64, 4).checks(CheckLevel.CHECKED);
          default -> builder.variable(4096);
        });
    ear.deaf.remove(Kind.SAMPLED);
    MemoryPool of = kind.equals("labelled") ? pool.labelled("codec") : pool;
    live.add(of.allocate(50));
    assertThat(ear.take())
        .singleElement()
        .isInstanceOfSatisfying(
            PoolListener.Sampled.class,
            sampled -> {
              assertThat(sampled.pool()).isEqualTo("p");
              assertThat(sampled.requestedBytes()).isEqualTo(50);
              assertThat(sampled.grantedBytes()).isEqualTo(kind.equals("variable") ? 56 : 64);
              assertThat(sampled.label()).isEqualTo(kind.equals("labelled") ? "codec" : "");
              assertThat(sampled.thread()).isEqualTo(Thread.currentThread().getName());
              assertThat(sampled.weight()).isEqualTo(1);
              assertThat(sampled.stack().get())
                  .isNotEmpty()
                  .isEqualTo(pool.report(Duration.ZERO).sites().getFirst().stack());
            });
  }

  @Test
  void whoIsDeafIsNotCalledUnlessAnotherHears() {
    open(MemoryPool.builder().tier(64, 1).tier(256, 3));
    ear.deaf.addAll(EnumSet.allOf(Kind.class));
    live.add(pool.allocate(50));
    live.add(pool.allocate(50));
    assertThat(ear.take()).isEmpty();
    pool.addListener(
        new PoolListener() {
          @Override
          public boolean hears(Kind kind) {
            return kind == Kind.SPILLED;
          }
        });
    live.add(pool.allocate(50));
    assertThat(ear.take()).hasSize(1);
  }

  @Test
  void whatHearsThrowsIsANo() {
    open(MemoryPool.builder().tier(64, 1).tier(256, 2));
    Ear thrower =
        new Ear() {
          @Override
          public boolean hears(Kind kind) {
            throw new IllegalStateException("as the test wants it");
          }
        };
    pool.removeListener(ear);
    pool.addListener(thrower);
    live.add(pool.allocate(50));
    live.add(pool.allocate(50));
    assertThat(thrower.take()).isEmpty();
  }

  @Test
  void whoIsAddedTwiceHearsTwiceUntilRemovedTwice() {
    open(MemoryPool.builder().tier(64, 1).tier(256, 9));
    pool.addListener(ear);
    live.add(pool.allocate(50));
    live.add(pool.allocate(50));
    assertThat(ear.take()).hasSize(2);
    pool.removeListener(ear);
    live.add(pool.allocate(50));
    assertThat(ear.take()).hasSize(1);
    pool.removeListener(ear);
    pool.removeListener(ear);
    live.add(pool.allocate(50));
    assertThat(ear.take()).isEmpty();
  }

  @Test
  void aListenerOfTheBuilderMayGoToo() {
    pool.close();
    pool = MemoryPool.builder().tier(64, 1).tier(256, 1).listener(ear).build();
    live.add(pool.allocate(50));
    ear.take();
    pool.removeListener(ear);
    live.add(pool.allocate(50));
    assertThat(pool.tryAllocate(50)).isNull();
    assertThat(ear.take()).isEmpty();
  }

  /** Small and large tiers, confined ones, governed ones, and blocks of any size. */
  @ParameterizedTest
  @ValueSource(strings = {"small", "large", "confined", "governed", "variable", "both"})
  void levelsAreToldWithinATick(String kind) {
    MemoryPool.Builder builder = MemoryPool.builder().leakSamples(0);
    open(
        switch (kind) {
          case "small" -> builder.tier(64, 20);
          case "large" -> builder.tier(64, 200);
          case "confined" -> builder.tier(64, 20).confined();
          case "governed" -> builder.tier(64, 20).labels();
          case "variable" -> builder.variable(1 << 16);
          default -> builder.variable(1 << 16).labels();
        });
    ear.deaf.remove(Kind.PRESSURE);
    for (MemoryBlock block = pool.poll(64); block != null; block = pool.poll(64)) {
      live.add(block);
    }
    untilHeard(PressureLevel.CRITICAL);
    live.forEach(MemoryBlock::close);
    live.clear();
    untilHeard(PressureLevel.NORMAL);
    assertThat(pool.stats().pressure()).isEqualTo(PressureLevel.NORMAL);
  }

  private void untilHeard(PressureLevel level) {
    await(level + " is heard")
        .pollInSameThread()
        .pollInterval(Duration.ofMillis(1))
        .until(() -> {
          if (!live.isEmpty()) {
            live.removeLast().close();
          }
          live.add(pool.allocate(64));
          return ear.heard.stream()
              .map(PoolListener.PressureChange.class::cast)
              .anyMatch(change -> change.to() == level && change.tierBlockSizeBytes() == 0);
        });
  }
}
