package io.cistern.cli;

import io.cistern.ManagerStats;
import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.jdk.LeakSite;
import java.util.List;

/** Moments to show, made by real pools. */
final class TopSamples {
  private TopSamples() {}

  /** Two pools with quotas and labels, of which three blocks are used. */
  static PoolManager manager() {
    return PoolManager.builder()
        .budgetBytes(1 << 20)
        .quota("guests", 65_536, 4096, false)
        .quota("guests/radio", 1024, 0, true)
        .pool("frames", MemoryPool.builder().tier(256, 32, "messages").tier(4096, 8).labels())
        .pool("assets", MemoryPool.builder().variable(65_536).fallback(8192))
        .build();
  }

  static LeakSite site(String place) {
    return new LeakSite(
        "frames",
        List.of(
            "com.acme.net." + place + "(Frames.java:33)",
            "app//com.acme/com.acme.Loop.run(Loop.java:9)"),
        2,
        400,
        20,
        4000,
        4200,
        List.of("io-1"),
        List.of(""));
  }

  /** The table of a manager with three blocks used and one request refused. */
  static TopSample ordinary() {
    try (PoolManager manager = manager()) {
      MemoryPool frames = manager.pool("frames").labelled("telemetry");
      try (MemoryBlock small = frames.allocate(200);
          MemoryBlock large = frames.allocate(4000);
          MemoryBlock asset = manager.pool("assets").allocate(30_000)) {
        ManagerStats before = manager.stats();
        frames.allocate(64).close();
        ManagerStats now = manager.stats();
        if (!small.isLive() || !large.isLive() || !asset.isLive()) {
          throw new IllegalStateException("they are used");
        }
        ManagerStats later =
            new ManagerStats(
                before.timeMillis() + 500,
                now.budgetBytes(),
                now.budgetUsedBytes(),
                now.regionBytes(),
                now.fallbackLimitBytes(),
                now.fallbackLiveBytes(),
                now.pressure(),
                now.pools(),
                now.quotas(),
                now.reclaimers());
        return TopSample.after(before, later, List.of(site("Frames.take")));
      }
    }
  }
}
