package io.cistern.cli;

import io.cistern.PoolStats;
import io.cistern.PressureLevel;
import io.cistern.VerifyReport;
import io.cistern.gateway.GatewayStats;
import io.cistern.gateway.load.LoadStats;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What remains of a demo: the JSON object of {@code --json}. docs/demo.md describes every field.
 * Once the gateway has stopped, {@code framesReceived = framesEchoed + framesRejectedTooLarge +
 * framesDroppedExhausted + framesAborted} and {@code failedAllocations = framesDroppedExhausted}.
 */
record DemoReport(
    String profile,
    String url,
    String server,
    double durationSeconds,
    int clients,
    int rate,
    long framesReceived,
    long framesEchoed,
    long framesRejectedTooLarge,
    long framesDroppedExhausted,
    long framesAborted,
    long busyAnswers,
    long bytesReceived,
    String checksum,
    long connections,
    long echoesVerified,
    long echoMismatches,
    long clientFailures,
    long allocations,
    long frees,
    long failedAllocations,
    long spills,
    long violations,
    int liveBlocks,
    long regionBytes,
    long budgetBytes,
    List<TierReport> tiers,
    List<VariableReport> variable,
    List<LabelReport> labels,
    List<FallbackReport> fallback,
    String pressure,
    long rssStartBytes,
    long rssEndBytes,
    long gcCount,
    long gcMillis,
    String verify) {

  static final String OK = "ok";

  /** One tier. */
  record TierReport(
      String pool,
      long blockSizeBytes,
      String label,
      int total,
      int peakUsed,
      long allocations,
      long frees,
      long failed,
      long spilledIn,
      long spilledOut) {}

  /** One pool of variable size. */
  record VariableReport(
      String pool,
      long totalBytes,
      long peakUsedBytes,
      long largestFreeBytes,
      double externalFragmentationPercent,
      long allocations,
      long frees,
      long failed) {}

  /** What was allocated under one label of a pool. */
  record LabelReport(
      String pool,
      String label,
      long allocations,
      long frees,
      long liveBlocks,
      long liveBytes,
      long failed) {}

  /** Memory taken outside of a pool. */
  record FallbackReport(
      String pool, long limitBytes, long liveBytes, int peakBlocks, long allocations, long frees) {}

  static DemoReport of(
      DemoOptions options,
      String url,
      double seconds,
      Sample end,
      LoadStats load,
      Verdict verdict) {
    GatewayStats frames = end.frames();
    return new DemoReport(
        options.profile().name(),
        url,
        ServerConverter.name(options.server()),
        Math.round(seconds * 1000) / 1000.0,
        options.clients(),
        options.rate(),
        frames.framesReceived(),
        frames.framesEchoed(),
        frames.framesRejectedTooLarge(),
        frames.framesDroppedExhausted(),
        frames.framesAborted(),
        frames.busyAnswers(),
        frames.bytesReceived(),
        "%08x".formatted(frames.checksum()),
        frames.connectionsOpened(),
        load.echoesVerified(),
        load.echoMismatches(),
        load.failures(),
        end.allocations(),
        end.frees(),
        end.failed(),
        end.spills(),
        end.pools().stream().mapToLong(PoolStats::violations).sum(),
        end.liveBlocks(),
        end.regionBytes(),
        options.profile().budgetBytes(),
        end.pools().stream()
            .flatMap(pool -> pool.tiers().stream().map(tier -> tier(pool.pool(), tier)))
            .toList(),
        end.pools().stream()
            .flatMap(pool -> Stream.ofNullable(pool.variable()).map(v -> variable(pool.pool(), v)))
            .toList(),
        end.pools().stream()
            .flatMap(pool -> pool.labels().stream().map(label -> label(pool.pool(), label)))
            .toList(),
        end.pools().stream()
            .flatMap(pool -> Stream.ofNullable(pool.fallback()).map(f -> fallback(pool.pool(), f)))
            .toList(),
        verdict.pressure().name(),
        verdict.rssStartBytes(),
        end.process().rssBytes(),
        end.process().gcCount(),
        end.process().gcMillis(),
        verdict.verify());
  }

  private static TierReport tier(String pool, PoolStats.Tier tier) {
    return new TierReport(
        pool,
        tier.blockSizeBytes(),
        tier.label(),
        tier.total(),
        tier.peakUsed(),
        tier.allocations(),
        tier.frees(),
        tier.failed(),
        tier.spilledIn(),
        tier.spilledOut());
  }

  private static VariableReport variable(String pool, PoolStats.Variable variable) {
    return new VariableReport(
        pool,
        variable.totalBytes(),
        variable.peakUsedBytes(),
        variable.largestFreeBytes(),
        variable.externalFragmentationPercent(),
        variable.allocations(),
        variable.frees(),
        variable.failed());
  }

  private static LabelReport label(String pool, PoolStats.Label label) {
    return new LabelReport(
        pool,
        label.name(),
        label.allocations(),
        label.frees(),
        label.liveBlocks(),
        label.liveBytes(),
        label.failed());
  }

  private static FallbackReport fallback(String pool, PoolStats.Fallback fallback) {
    return new FallbackReport(
        pool,
        fallback.limitBytes(),
        fallback.liveBytes(),
        fallback.peakBlocks(),
        fallback.allocations(),
        fallback.frees());
  }

  /**
   * What the sample at the end does not hold.
   *
   * @param rssStartBytes resident memory when the pools were open and no client was there yet
   * @param verify {@value DemoReport#OK}, or what is wrong
   * @param pressure of all pools together
   */
  record Verdict(long rssStartBytes, String verify, PressureLevel pressure) {
    static Verdict of(long rssStartBytes, List<VerifyReport> reports, PressureLevel pressure) {
      String findings =
          reports.stream()
              .filter(report -> !report.ok())
              .map(VerifyReport::toString)
              .collect(Collectors.joining("\n"));
      return new Verdict(rssStartBytes, findings.isEmpty() ? OK : findings, pressure);
    }
  }

  /** Whether everything is as it must be. */
  boolean isGood() {
    return verify.equals(OK) && liveBlocks == 0 && echoMismatches == 0;
  }

  int exitCode() {
    return isGood() ? 0 : 1;
  }
}
