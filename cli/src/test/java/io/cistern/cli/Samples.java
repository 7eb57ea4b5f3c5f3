package io.cistern.cli;

import io.cistern.CheckLevel;
import io.cistern.PoolStats;
import io.cistern.PressureLevel;
import io.cistern.gateway.GatewayStats;
import java.time.Duration;
import java.util.List;

/** Made-up samples: an ordinary one, and one in which every figure is as large as it gets. */
final class Samples {
  private Samples() {}

  static Sample ordinary() {
    return new Sample(
        Duration.ofSeconds(12),
        List.of(
            tier("messages and commands", 256, 32, 5, 26, 2610, PressureLevel.NORMAL),
            tier("patterns and templates", 1024, 16, 13, 16, 1024, PressureLevel.LOW),
            tier("WebSocket frames", 4096, 8, 8, 8, 999, PressureLevel.CRITICAL)),
        List.of(pool(0)),
        new GatewayStats(61_234, 55_111, 12, 6_100, 11, 6_100, 81_000_000, 0x1234, 0, 8, 40),
        4_998,
        4_633,
        321,
        new ProcessFigures(118_000_000, 12, 45));
  }

  static Sample extreme() {
    long most = 999_999_999_999L;
    List<Sample.TierSample> tiers =
        java.util.stream.IntStream.range(0, 20)
            .mapToObj(i ->
                tier(
                    "a label of quite some length, longer than any column",
                    1 << 30,
                    16_777_216,
                    16_777_215,
                    16_777_216,
                    99_999_999,
                    PressureLevel.CRITICAL))
            .toList();
    return new Sample(
        Duration.ofDays(365),
        tiers,
        List.of(pool(3)),
        new GatewayStats(
            most, most / 100, 99_999_999, 99_999_999, 9_999_999, most, most, -1, 9999, 1000, most),
        999_999,
        9_999_999,
        999_999,
        new ProcessFigures(most, 9_999_999, 9_999_999));
  }

  static Sample.TierSample tier(
      String label, long size, int total, int used, int peak, long rate, PressureLevel level) {
    return new Sample.TierSample("main", size, label, total, used, peak, rate, level);
  }

  private static PoolStats pool(int live) {
    PoolStats.Tier tier =
        new PoolStats.Tier(
            4096,
            "frames",
            8,
            8 - live,
            live,
            8,
            55_122 + live,
            55_122,
            6_100,
            271,
            0,
            1,
            1,
            PressureLevel.NORMAL);
    PoolStats.Timing none = new PoolStats.Timing(0, 0, 0, 0, 0);
    return new PoolStats(
        "main",
        List.of(tier),
        null,
        0,
        0,
        0,
        57_344,
        1_000,
        PressureLevel.NORMAL,
        none,
        none,
        new PoolStats.Regions(1, 0, 0),
        null,
        List.of(),
        new PoolStats.Checks(CheckLevel.STANDARD, 0, 0, 0, 0));
  }
}
