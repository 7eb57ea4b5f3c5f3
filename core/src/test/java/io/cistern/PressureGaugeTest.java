package io.cistern;

import static io.cistern.PressureLevel.CRITICAL;
import static io.cistern.PressureLevel.LOW;
import static io.cistern.PressureLevel.NORMAL;
import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.ManagerPressure.Reading;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** One level from three readings: the exact sequence of crossings, also under threads. */
class PressureGaugeTest {
  private static final int TOTAL = 1000;

  private final Values values = new Values();
  private final PressureGauge gauge =
      new PressureGauge(PressureLimits.defaults().withFreeBytes(50, 20));
  private final List<String> heard = new ArrayList<>();

  /** Readings as a test sets them. */
  private static final class Values implements PressureGauge.Source {
    final AtomicLong used = new AtomicLong();
    volatile long free = NONE;
    volatile double fragmentation = NONE;

    private static final long NONE = PressureGauge.NONE;

    @Override
    public long usedBytes() {
      return used.get();
    }

    @Override
    public long totalBytes() {
      return TOTAL;
    }

    @Override
    public long freeBytes() {
      return free;
    }

    @Override
    public double fragmentationPercent() {
      return fragmentation;
    }
  }

  private void look() {
    gauge.follow(values, change -> heard.add(change.in("p").message()));
  }

  private void assertHeard(String... messages) {
    look();
    assertThat(heard).containsExactly(messages);
    heard.clear();
  }

  @Test
  void useGoesUpAndDownWithHysteresis() {
    values.used.set(799);
    assertHeard();
    values.used.set(800);
    assertHeard("pool 'p': NORMAL -> LOW by use of 80.0 %, threshold 80.0 %");
    values.used.set(950);
    assertHeard("pool 'p': LOW -> CRITICAL by use of 95.0 %, threshold 95.0 %");
    values.used.set(901);
    assertHeard();
    values.used.set(900);
    assertHeard("pool 'p': CRITICAL -> LOW by use of 90.0 %, threshold 95.0 %");
    values.used.set(750);
    assertHeard("pool 'p': LOW -> NORMAL by use of 75.0 %, threshold 80.0 %");
  }

  @Test
  void freeBytesAndFragmentationSayWhatTheyAre() {
    values.free = 19;
    assertHeard("pool 'p': NORMAL -> CRITICAL by free bytes 19, threshold 20");
    values.free = PressureGauge.NONE;
    assertHeard("pool 'p': CRITICAL -> NORMAL by free bytes 0, threshold 20");
    values.fragmentation = 70;
    assertHeard("pool 'p': NORMAL -> LOW by fragmentation of 70.0 %, threshold 70.0 %");
    values.fragmentation = 92.25;
    assertHeard("pool 'p': LOW -> CRITICAL by fragmentation of 92.3 %, threshold 85.0 %");
    values.fragmentation = 0;
    assertHeard("pool 'p': CRITICAL -> NORMAL by fragmentation of 0.0 %, threshold 85.0 %");
  }

  @Test
  void theLevelIsTheHighestAndEveryCrossingIsTold() {
    values.used.set(TOTAL);
    values.fragmentation = 85;
    values.free = 49;
    assertHeard(
        "pool 'p': NORMAL -> CRITICAL by use of 100.0 %, threshold 95.0 %",
        "pool 'p': CRITICAL -> CRITICAL by free bytes 49, threshold 50",
        "pool 'p': CRITICAL -> CRITICAL by fragmentation of 85.0 %, threshold 85.0 %");
    values.used.set(0);
    assertHeard("pool 'p': CRITICAL -> CRITICAL by use of 0.0 %, threshold 95.0 %");
    assertThat(gauge.level()).isEqualTo(CRITICAL);
    values.fragmentation = 10;
    assertHeard("pool 'p': CRITICAL -> LOW by fragmentation of 10.0 %, threshold 85.0 %");
    assertThat(gauge.level(Reading.FREE_BYTES)).isEqualTo(LOW);
    assertThat(gauge.level(Reading.USED)).isEqualTo(NORMAL);
    values.free = 55;
    assertHeard("pool 'p': LOW -> NORMAL by free bytes 55, threshold 50");
    assertThat(gauge.level()).isEqualTo(NORMAL);
  }

  @Test
  void aSourceWithoutReadingsIsNormal() {
    assertThat(gauge.update(new PressureGauge.Source() {})).isNull();
    assertThat(gauge.level()).isEqualTo(NORMAL);
  }

  @Test
  void thresholdsCanBeChangedWhileAtALevel() {
    values.used.set(600);
    values.free = 30;
    assertHeard("pool 'p': NORMAL -> LOW by free bytes 30, threshold 50");
    PressureLimits tighter = PressureLimits.defaults().withUsedPercent(50, 60);
    gauge.change(tighter, values, change -> heard.add(change.in("").message()));
    assertHeard(
        "all pools: LOW -> CRITICAL by use of 60.0 %, threshold 60.0 %",
        "all pools: CRITICAL -> CRITICAL by free bytes 30, threshold 0");
    assertThat(gauge.limits()).isEqualTo(tighter);
    gauge.change(PressureLimits.defaults(), values, change -> heard.add(change.in("").message()));
    assertHeard("all pools: CRITICAL -> NORMAL by use of 60.0 %, threshold 95.0 %");
  }

  /**
   * Two threads move the values and look, a third replaces the limits: crossings of one reading
   * must form one chain (each leaves the level that another one reached, so as many enter as
   * leave), and the level at the end is right.
   */
  @Test
  void underThreadsEachCrossingIsSeenOnceAndTheLastLookIsRight() throws Exception {
    SplittableRandom seeds = Seed.random("gauge");
    List<PressureGauge.Change> all = Collections.synchronizedList(new ArrayList<>());
    for (int round = 0; round < 200; round++) {
      long seed = seeds.nextLong();
      Threads.together(3, Thread.ofPlatform(), thread -> moveAndLook(thread, seed, all));
      assertThat(gauge.update(values)).as("what is left to do").isNull();
      assertThat(gauge.level(Reading.USED)).isEqualTo(NORMAL);
    }
    values.free = PressureGauge.NONE;
    values.fragmentation = PressureGauge.NONE;
    gauge.follow(values, all::add);
    assertThat(all).as("something happened").hasSizeGreaterThan(200);
    for (Reading reading : Reading.values()) {
      assertChain(all.stream().filter(change -> change.cause().reading() == reading).toList());
    }
  }

  private void moveAndLook(int thread, long seed, List<PressureGauge.Change> all) {
    SplittableRandom random = new SplittableRandom(seed + thread);
    for (int i = 0; i < 200; i++) {
      if (thread == 2) {
        int low = random.nextInt(30, 60);
        gauge.change(
            PressureLimits.defaults().withUsedPercent(low, low + 20.0).withFreeBytes(low, 20),
            values,
            all::add);
      } else {
        int bytes = random.nextInt(TOTAL / 2);
        values.used.addAndGet(bytes);
        gauge.follow(values, all::add);
        values.used.addAndGet(-bytes);
        values.free = random.nextInt(60);
        values.fragmentation = random.nextInt(100);
        gauge.follow(values, all::add);
      }
    }
  }

  private static void assertChain(List<PressureGauge.Change> changes) {
    Map<PressureLevel, Integer> balance = new EnumMap<>(PressureLevel.class);
    for (PressureGauge.Change change : changes) {
      assertThat(change.cause().from()).isNotEqualTo(change.cause().to());
      balance.merge(change.cause().to(), 1, Integer::sum);
      balance.merge(change.cause().from(), -1, Integer::sum);
    }
    assertThat(balance.values()).as("entered less left, per level").isNotEmpty().containsOnly(0);
  }
}
