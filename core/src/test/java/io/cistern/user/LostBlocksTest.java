package io.cistern.user;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.CheckLevel;
import io.cistern.LeakReport;
import io.cistern.MemoryPool;
import io.cistern.Pin;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Blocks whose objects are collected before they are freed. Time budget: 10 seconds. */
class LostBlocksTest {
  private static final byte WRONG = 0x11;

  /** Whose stacks are kept. */
  private static final int MOST_SITES = 256;

  enum Kind {
    TIER,
    ANY_SIZE,
    FALLBACK;

    MemoryPool open() {
      MemoryPool.Builder pool = MemoryPool.builder().name("p").checks(CheckLevel.CHECKED);
      return switch (this) {
        case TIER -> pool.tier(64, 10).build();
        case ANY_SIZE -> pool.variable(640, 10).build();
        case FALLBACK -> pool.tier(8, 1).fallback(1000).build();
      };
    }
  }

  private static LeakReport untilLost(MemoryPool pool, int blocks) {
    Awaitility.await()
        .atMost(30, TimeUnit.SECONDS)
        .until(() -> {
          System.gc();
          pool.report(Duration.ZERO);
          return pool.stats().checks().lost() == blocks;
        });
    return pool.report(Duration.ZERO);
  }

  private static MemorySegment forget(MemoryPool pool) {
    return pool.allocate(60).segment();
  }

  private static Pin forgetPinned(MemoryPool pool) {
    return pool.allocate(60).pin();
  }

  @ParameterizedTest
  @EnumSource
  void theyStayInTheReportWithTheirSite(Kind kind) {
    MemoryPool pool = kind.open();
    MemorySegment kept = forget(pool);
    forget(pool);
    LeakReport report = untilLost(pool, 2);
    assertThat(report.sites()).as("they are not live").isEmpty();
    assertThat(report.isEmpty()).isFalse();
    assertThat(report.lost().stream().mapToLong(LeakReport.Site::blocks).sum()).isEqualTo(2);
    LeakReport.Site site = report.lost().getFirst();
    assertThat(site.stack().getFirst().getMethodName()).isEqualTo("forget");
    assertThat(site.bytes()).isEqualTo(60 * site.blocks());
    assertThat(site.threads()).containsExactly(Thread.currentThread().getName());
    assertThat(report.toString()).contains("lost: 2 blocks of 120 B", "LostBlocksTest.forget");
    assertThat(pool.stats().used()).isEqualTo(2);
    kept.fill(WRONG);
    assertThat(pool.verify().findings()).isEmpty();
    pool.close();
    assertThat(kept.scope().isAlive()).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void aPinKeepsABlockFromBeingLostUntilItIsClosed(Kind kind) {
    try (MemoryPool pool = kind.open()) {
      Pin pin = forgetPinned(pool);
      forget(pool);
      untilLost(pool, 1);
      pin.segment().set(ValueLayout.JAVA_BYTE, 0, WRONG);
      assertThat(pool.report(Duration.ZERO).blocks()).as("live").isEqualTo(1);
      pin.close();
      assertThat(untilLost(pool, 2).lost()).hasSize(2);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsFreedOrKnownByItsHandleIsNotLost(Kind kind) {
    try (MemoryPool pool = kind.open()) {
      long named = named(pool);
      pool.allocate(60).close();
      forget(pool);
      assertThat(untilLost(pool, 1).lost()).hasSize(1);
      assertThat(pool.isLive(named)).isTrue();
      pool.free(named);
    }
  }

  private static long named(MemoryPool pool) {
    return pool.allocate(60).handle();
  }

  @Test
  void beyondSoManySitesTheyAreAddedUpWithoutAStack() {
    int lost = 2 * MOST_SITES;
    try (MemoryPool pool = MemoryPool.builder().tier(64, lost).checks(CheckLevel.CHECKED).build()) {
      for (int path = 0; path < lost; path++) {
        left(pool, path, Integer.numberOfTrailingZeros(lost));
      }
      LeakReport report = untilLost(pool, lost);
      assertThat(report.lost()).hasSize(MOST_SITES + 1);
      LeakReport.Site others = report.lost().getFirst();
      assertThat(others.stack()).isEmpty();
      assertThat(others.blocks()).isEqualTo(lost - MOST_SITES);
      assertThat(report.lost().stream().mapToLong(LeakReport.Site::bytes).sum())
          .isEqualTo(60L * lost);
    }
  }

  /** Another stack for each path. */
  private static void left(MemoryPool pool, int path, int depth) {
    if (depth == 0) {
      forget(pool);
    } else if ((path & 1) == 0) {
      left(pool, path >> 1, depth - 1);
    } else {
      right(pool, path >> 1, depth - 1);
    }
  }

  private static void right(MemoryPool pool, int path, int depth) {
    left(pool, path, depth);
  }
}
