package io.cistern.micrometer;

import static io.cistern.micrometer.Figure.counter;
import static io.cistern.micrometer.Figure.gauge;
import static io.cistern.micrometer.Kind.BLOCKS;
import static io.cistern.micrometer.Kind.BYTES;
import static io.cistern.micrometer.Kind.PERCENT;
import static io.cistern.micrometer.Kind.number;

import io.cistern.PoolStats;
import java.util.List;

/** How the blocks of pools lie: tiers, regions of variable size, and labels. */
final class BlockKinds {
  /** A tag cannot be empty: Prometheus takes an empty one for none. */
  private static final String NO_LABEL = "(none)";

  private BlockKinds() {}

  static final Kind<PoolStats.Tier> TIER =
      new Kind<>(
          "cistern.tier.",
          Kind.Things.ofPools((pool, tags, thing) ->
              pool.tiers()
                  .forEach(tier -> {
                    String size = Long.toString(tier.blockSizeBytes());
                    thing.accept(tags.and("tier", size), tier);
                  })),
          List.of(
              gauge("used", BLOCKS, "Blocks that are allocated now", PoolStats.Tier::used),
              gauge("free", BLOCKS, "Blocks that can be allocated now", PoolStats.Tier::free),
              gauge("capacity", BLOCKS, "Blocks that there are", PoolStats.Tier::total),
              gauge("peak", BLOCKS, "Most blocks ever used at once", PoolStats.Tier::peakUsed),
              gauge(
                  "pressure",
                  null,
                  "Level of the tier: 0 NORMAL, 1 LOW, 2 CRITICAL",
                  tier -> number(tier.pressure())),
              counter(
                  "allocations",
                  null,
                  "Allocations from the tier, spilled ones included",
                  PoolStats.Tier::allocations),
              counter("frees", null, "Frees of its blocks", PoolStats.Tier::frees),
              counter(
                  "failed",
                  null,
                  "Requests that fit the tier and found no block anywhere",
                  PoolStats.Tier::failed),
              counter(
                  "spilled.in",
                  null,
                  "Allocations that a smaller tier could not serve",
                  PoolStats.Tier::spilledIn),
              counter(
                  "spilled.out",
                  null,
                  "Requests that a larger tier served",
                  PoolStats.Tier::spilledOut),
              counter(
                  "requested", BYTES, "Sum of all sizes asked for", PoolStats.Tier::requestedBytes),
              counter(
                  "granted",
                  BYTES,
                  "Sum of the block sizes given for them",
                  PoolStats.Tier::grantedBytes)));

  static final Kind<PoolStats.Variable> VARIABLE =
      new Kind<>(
          "cistern.variable.",
          Kind.Things.ofPools((pool, tags, thing) -> {
            PoolStats.Variable variable = pool.variable();
            if (variable != null) {
              thing.accept(tags, variable);
            }
          }),
          List.of(
              gauge(
                  "fragmentation",
                  PERCENT,
                  "Share of the free bytes outside of the largest free piece, 0 to 100",
                  PoolStats.Variable::externalFragmentationPercent),
              gauge(
                  "largest.free",
                  BYTES,
                  "The largest free piece",
                  PoolStats.Variable::largestFreeBytes),
              gauge(
                  "largest.allocatable",
                  BYTES,
                  "The largest request that would be served",
                  PoolStats.Variable::largestAllocatableBytes),
              gauge("free", BYTES, "Outside of used blocks", PoolStats.Variable::freeBytes),
              gauge(
                  "free.pieces",
                  null,
                  "In how many pieces the free bytes are",
                  PoolStats.Variable::freePieces),
              gauge(
                  "peak", BYTES, "Most bytes ever used at once", PoolStats.Variable::peakUsedBytes),
              counter(
                  "requested",
                  BYTES,
                  "Sum of all sizes asked for",
                  PoolStats.Variable::requestedBytes),
              counter(
                  "granted",
                  BYTES,
                  "Sum of the block sizes given for them",
                  PoolStats.Variable::grantedBytes)));

  static final Kind<PoolStats.Label> LABEL =
      new Kind<>(
          "cistern.label.",
          Kind.Things.ofPools((pool, tags, thing) ->
              pool.labels()
                  .forEach(label -> {
                    String name = label.name().isEmpty() ? NO_LABEL : label.name();
                    thing.accept(tags.and("label", name), label);
                  })),
          List.of(
              gauge(
                  "used", BYTES, "Live under the label, whole blocks", PoolStats.Label::liveBytes),
              gauge(BLOCKS, BLOCKS, "Live under the label", PoolStats.Label::liveBlocks),
              counter("allocations", null, "Under the label", PoolStats.Label::allocations),
              counter("frees", null, "Under the label", PoolStats.Label::frees),
              counter(
                  "failed",
                  null,
                  "Requests that found no block, or that a quota refused",
                  PoolStats.Label::failed)));

  static final List<Kind<?>> ALL = List.of(TIER, VARIABLE, LABEL);
}
