package io.cistern.micrometer;

import static io.cistern.micrometer.Figure.counter;
import static io.cistern.micrometer.Figure.gauge;
import static io.cistern.micrometer.Kind.BYTES;
import static io.cistern.micrometer.Kind.number;

import io.cistern.ManagerStats;
import io.cistern.ReclaimerStats;
import io.micrometer.core.instrument.Tags;
import java.util.List;

/** What a manager has besides pools: its budget, quotas and reclaimers. */
final class ManagerKinds {
  private ManagerKinds() {}

  static final Kind<ManagerStats> MANAGER =
      new Kind<>(
          "cistern.",
          (scene, thing) -> thing.accept(Tags.empty(), scene.stats()),
          List.of(
              gauge(
                  "pressure",
                  null,
                  "Level of all pools together: 0 NORMAL, 1 LOW, 2 CRITICAL",
                  all -> number(all.pressure())),
              gauge(
                  "budget.used",
                  BYTES,
                  "Taken of the budget, fallback memory by its limit",
                  ManagerStats::budgetUsedBytes),
              gauge(
                  "region.size",
                  BYTES,
                  "Memory taken from the operating system for regions, all pools",
                  ManagerStats::regionBytes)));

  static final Kind<ManagerStats> BUDGET =
      new Kind<>(
          "cistern.budget.",
          (scene, thing) -> {
            if (scene.stats().budgetBytes() < Long.MAX_VALUE) {
              thing.accept(Tags.empty(), scene.stats());
            }
          },
          List.of(
              gauge("max", BYTES, "What all pools together may take", ManagerStats::budgetBytes)));

  static final Kind<ManagerStats> SHARED_FALLBACK =
      new Kind<>(
          "cistern.fallback.",
          (scene, thing) -> {
            if (scene.stats().fallbackLimitBytes() > 0) {
              thing.accept(Tags.empty(), scene.stats());
            }
          },
          List.of(
              gauge(
                  "max",
                  BYTES,
                  "Most fallback memory over all pools that share it",
                  ManagerStats::fallbackLimitBytes),
              gauge(
                  "used",
                  BYTES,
                  "Fallback memory that is live in pools that share it",
                  ManagerStats::fallbackLiveBytes)));

  static final Kind<ManagerStats.OfQuota> QUOTA =
      new Kind<>(
          "cistern.quota.",
          (scene, thing) ->
              scene
                  .stats()
                  .quotas()
                  .forEach(quota -> thing.accept(Tags.of("quota", quota.path()), quota)),
          List.of(
              gauge(
                  "used", BYTES, "Live in it and in all below it", ManagerStats.OfQuota::usedBytes),
              gauge("max", BYTES, "Its limit", ManagerStats.OfQuota::limitBytes),
              gauge(
                  "guaranteed",
                  BYTES,
                  "What its parent keeps for it",
                  ManagerStats.OfQuota::guaranteedBytes),
              gauge("peak", BYTES, "Most bytes ever live at once", ManagerStats.OfQuota::peakBytes),
              counter(
                  "failed",
                  null,
                  "Requests that it refused itself",
                  ManagerStats.OfQuota::failed)));

  static final Kind<ReclaimerStats> RECLAIMER =
      new Kind<>(
          "cistern.reclaimer.",
          (scene, thing) ->
              scene
                  .stats()
                  .reclaimers()
                  .forEach(one -> thing.accept(Tags.of("reclaimer", one.name()), one)),
          List.of(
              counter("runs", null, "Calls that began", ReclaimerStats::runs),
              counter(
                  "freed", BYTES, "Bytes that it said to have freed", ReclaimerStats::freedBytes),
              counter(
                  "timeouts",
                  null,
                  "Calls that had not returned when the time was up",
                  ReclaimerStats::timeouts),
              counter(
                  "failures", null, "Calls that ended with an exception", ReclaimerStats::failures),
              gauge("running", null, "1 while a call is under way", one -> one.running() ? 1 : 0)));

  static final List<Kind<?>> ALL = List.of(MANAGER, BUDGET, SHARED_FALLBACK, QUOTA, RECLAIMER);
}
