package io.cistern.micrometer;

import static io.cistern.micrometer.Figure.counter;
import static io.cistern.micrometer.Figure.gauge;
import static io.cistern.micrometer.Figure.time;
import static io.cistern.micrometer.Figure.timer;
import static io.cistern.micrometer.Kind.BLOCKS;
import static io.cistern.micrometer.Kind.BYTES;
import static io.cistern.micrometer.Kind.number;

import io.cistern.LeakReport;
import io.cistern.PoolStats;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** What each pool has as a whole. */
final class PoolKinds {
  private PoolKinds() {}

  static final Kind<PoolStats> POOL =
      new Kind<>(
          "cistern.pool.",
          Kind.Things.ofPools((pool, tags, thing) -> thing.accept(tags, pool)),
          List.of(
              gauge("used", BYTES, "In used blocks", PoolStats::usedBytes),
              gauge(
                  "capacity",
                  BYTES,
                  "In all blocks, used and free",
                  pool -> pool.usedBytes() + pool.freeBytes()),
              gauge(BLOCKS, BLOCKS, "Blocks that are allocated now", PoolStats::used),
              gauge("regions", null, "Regions", pool -> pool.regions().count()),
              counter("regions.grown", null, "Regions added", pool -> pool.regions().grown()),
              counter(
                  "regions.trimmed", null, "Regions given back", pool -> pool.regions().trimmed()),
              gauge(
                  "region.size",
                  BYTES,
                  "Memory taken from the operating system for regions",
                  PoolStats::regionBytes),
              gauge(
                  "metadata", BYTES, "Java heap that manages the blocks", PoolStats::metadataBytes),
              gauge("waiting", "threads", "Threads that wait for a block", PoolStats::waiting),
              gauge(
                  "pressure",
                  null,
                  "Level of the pool by used bytes: 0 NORMAL, 1 LOW, 2 CRITICAL",
                  pool -> number(pool.pressure())),
              counter(
                  "allocations",
                  null,
                  "Successful allocations, those of fallback memory included",
                  PoolStats::allocations),
              counter("frees", null, "Frees, those of fallback memory included", PoolStats::frees),
              counter("failed", null, "Requests that found no block", PoolStats::failed),
              counter(
                  "refused", null, "Requests of a size that is never served", PoolStats::refused),
              counter("spills", null, "Allocations that a larger tier served", PoolStats::spills),
              counter("violations", null, "Frees that were refused", PoolStats::violations),
              counter(
                  "damages",
                  null,
                  "Places written to by somebody who did not own them",
                  pool -> pool.checks().damages()),
              counter(
                  "lost",
                  BLOCKS,
                  "Blocks whose owners were collected before they freed them",
                  pool -> pool.checks().lost()),
              counter(
                  "frees.deferred",
                  null,
                  "Frees of pinned blocks, done when the last pin was gone",
                  pool -> pool.checks().deferredFrees()),
              gauge(
                  "checks.extra",
                  BYTES,
                  "Memory for red zones, on top of the regions",
                  pool -> pool.checks().extraBytes())));

  static final Kind<PoolStats.Timing> LATENCY =
      new Kind<>(
          "cistern.pool.",
          Kind.Things.ofPools((pool, tags, thing) -> {
            thing.accept(tags.and("operation", "allocate"), pool.allocateTime());
            thing.accept(tags.and("operation", "free"), pool.freeTime());
          }),
          List.of(
              timer(
                  "latency",
                  "Sampled operations: some hundred a second, so this is not how many there were",
                  PoolStats.Timing::samples,
                  timing -> timing.samples() * timing.meanNs()),
              time("latency.p50", "Median of sampled operations", PoolStats.Timing::p50Ns),
              time("latency.p99", "99th percentile of sampled operations", PoolStats.Timing::p99Ns),
              time("latency.max", "Longest of sampled operations", PoolStats.Timing::maxNs)));

  static final Kind<PoolStats.Fallback> FALLBACK =
      new Kind<>(
          "cistern.pool.fallback.",
          Kind.Things.ofPools((pool, tags, thing) -> {
            PoolStats.Fallback fallback = pool.fallback();
            if (fallback != null) {
              thing.accept(tags, fallback);
            }
          }),
          List.of(
              gauge(
                  "used",
                  BYTES,
                  "Memory taken outside of the pool, live now",
                  PoolStats.Fallback::liveBytes),
              gauge(
                  "max",
                  BYTES,
                  "Most of it that may be live, perhaps together with other pools",
                  PoolStats.Fallback::limitBytes),
              gauge(BLOCKS, BLOCKS, "Blocks of it, live now", PoolStats.Fallback::liveBlocks),
              gauge(
                  "peak",
                  BLOCKS,
                  "Most blocks of it ever live at once",
                  PoolStats.Fallback::peakBlocks),
              counter("allocations", null, "Allocations of it", PoolStats.Fallback::allocations),
              counter("frees", null, "Frees of it", PoolStats.Fallback::frees)));

  static final Kind<LeakReport> SUSPECT =
      new Kind<>(
          "cistern.pool.suspects.",
          (scene, thing) ->
              scene
                  .suspects()
                  .forEach(report -> thing.accept(Tags.of("pool", report.pool()), report)),
          List.of(
              gauge(
                  BLOCKS,
                  BLOCKS,
                  "Leak suspects: blocks that have been live for long, estimated from samples",
                  report -> sites(report).mapToLong(LeakReport.Site::estimatedBlocks).sum()),
              gauge(
                  "size",
                  BYTES,
                  "Their bytes as asked for, estimated from samples",
                  report -> sites(report).mapToLong(LeakReport.Site::estimatedBytes).sum()),
              time(
                  "age",
                  "Age of the oldest",
                  report ->
                      sites(report)
                          .map(LeakReport.Site::oldest)
                          .mapToLong(Duration::toNanos)
                          .max()
                          .orElse(0))));

  static final List<Kind<?>> ALL = List.of(POOL, LATENCY, FALLBACK, SUSPECT);

  private static Stream<LeakReport.Site> sites(LeakReport report) {
    return report.sites().stream();
  }
}
