package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.internal.CoarseClock;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Figures that are not counts: ages, sampled times, percentages, reports. */
class FiguresTest {
  private static PoolStats.Tier tier(int used, int total, long requested, long granted) {
    return new PoolStats.Tier(
        100,
        "",
        total,
        total - used,
        used,
        used,
        used,
        0,
        0,
        0,
        0,
        requested,
        granted,
        PressureLevel.NORMAL);
  }

  @Test
  void percentages() {
    assertThat(tier(1, 4, 0, 0).utilizationPercent()).isEqualTo(25);
    assertThat(tier(0, 4, 0, 0).internalFragmentationPercent()).isZero();
    assertThat(tier(1, 4, 30, 120).internalFragmentationPercent()).isEqualTo(75);
  }

  @Test
  void agesAreInTheMessageOfARefusedCloseAndInTheDump() {
    try (MemoryPool pool = MemoryPool.builder().tier(64, 4).build();
        MemoryBlock old = pool.allocate(1)) {
      int born = CoarseClock.ticks();
      Threads.until("60 ms have passed", () -> CoarseClock.millisSince(born) >= 60);
      try (MemoryBlock young = pool.allocate(2)) {
        assertThatThrownBy(pool::close)
            .satisfies(refused ->
                assertThat(seconds(String.valueOf(refused.getMessage()))).isBetween(0.06, 5.0));
        List<String> lines = pool.dump().lines().filter(l -> l.startsWith("    0x")).toList();
        assertThat(lines.get(0)).contains("0x%016x".formatted(old.handle()), "1 B of");
        assertThat(lines.get(1)).contains("0x%016x".formatted(young.handle()), "2 B of");
      }
    }
  }

  private static double seconds(String message) {
    Matcher age = Pattern.compile("oldest (\\d+\\.\\d\\d) s").matcher(message);
    assertThat(age.find()).as(message).isTrue();
    return Double.parseDouble(age.group(1));
  }

  @Test
  void oneOperationATickIsTimed() {
    try (MemoryPool pool = MemoryPool.builder().tier(64, 4).build()) {
      Threads.until(
          "three samples",
          () -> {
            pool.allocate(1).close();
            return pool.stats().allocateTime().samples() >= 3
                && pool.stats().freeTime().samples() >= 3;
          });
      assertInOrder(pool.stats().allocateTime());
      assertInOrder(pool.stats().freeTime());
    }
  }

  @Test
  void samplingIsRare() {
    try (MemoryPool pool = MemoryPool.builder().tier(64, 4).build()) {
      int start = CoarseClock.ticks();
      for (int i = 0; i < 10_000; i++) {
        pool.free(pool.allocateHandle(1));
      }
      long ticks = CoarseClock.millisSince(start) / CoarseClock.TICK_MILLIS;
      assertThat(pool.stats().allocateTime().samples()).isLessThanOrEqualTo(ticks + 2);
      assertThat(pool.stats().freeTime().samples()).isLessThanOrEqualTo(ticks + 2);
    }
  }

  private static void assertInOrder(PoolStats.Timing timing) {
    assertThat(timing.p50Ns()).isBetween(0L, timing.p99Ns());
    assertThat(timing.p99Ns()).isLessThanOrEqualTo(timing.maxNs());
    assertThat(timing.meanNs()).isBetween(1.0, (double) timing.maxNs());
  }

  @Test
  void reportsOfVerify() {
    VerifyReport ok = new VerifyReport("p", 3, true, List.of());
    assertThat(ok.ok()).isTrue();
    assertThat(ok.orThrow()).isSameAs(ok);
    assertThat(ok).hasToString("pool 'p': 3 blocks, ok");
    List<String> findings = new ArrayList<>(List.of("one", "two"));
    VerifyReport bad = new VerifyReport("p", 3, false, findings);
    findings.clear();
    assertThat(bad.ok()).isFalse();
    assertThatThrownBy(bad::orThrow)
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage("pool 'p': 3 blocks, 2 findings\n  one\n  two");
  }

  @Test
  void snapshotsDoNotChange() {
    try (MemoryPool pool = MemoryPool.builder().tier(64, 4).build()) {
      PoolStats before = pool.stats();
      pool.allocate(1).close();
      assertThat(before.allocations()).isZero();
      assertThatThrownBy(() -> before.tiers().clear())
          .isInstanceOf(UnsupportedOperationException.class);
    }
  }

  @Test
  void exhaustionCarriesItsFigures() {
    try (MemoryPool pool = MemoryPool.builder().name("p").tier(64, 1).tier(128, 1).build();
        MemoryBlock big = pool.allocate(100)) {
      assertThat(big.isLive()).isTrue();
      assertThatThrownBy(() -> pool.allocate(128))
          .isInstanceOfSatisfying(
              PoolExhaustedException.class,
              thrown ->
                  assertThat(thrown.exhaustion())
                      .isEqualTo(new PoolListener.Exhaustion("p", 128, 128, 64, 64, 128, 192)));
    }
  }

  @Test
  void metadataIsReportedAndGrowsWithTheBlocks() {
    assertThat(metadata(1000)).isBetween(16 * 1000L, 40_000L);
    assertThat(metadata(100_000) - metadata(1000)).isBetween(16 * 99_000L, 17 * 99_000L + 40_000);
  }

  private static long metadata(int blocks) {
    try (MemoryPool pool = MemoryPool.builder().tier(1, blocks).build()) {
      return pool.stats().metadataBytes();
    }
  }
}
