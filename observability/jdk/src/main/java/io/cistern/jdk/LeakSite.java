package io.cistern.jdk;

import io.cistern.LeakReport;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Live blocks that one place in the program allocated: a {@link LeakReport.Site} in types that
 * every JMX client knows.
 *
 * @param pool name of the pool
 * @param stack from the pool's caller on, top frame first
 * @param blocks in the report: all, or those sampled
 * @param bytes of these, as asked for
 * @param estimatedBlocks of all; {@code blocks} in a complete report
 * @param estimatedBytes of all; {@code bytes} in a complete report
 * @param oldestMillis age of the oldest, in milliseconds
 * @param threads names of the threads that allocated them
 * @param labels under which they were allocated; "" if none
 */
public record LeakSite(
    String pool,
    List<String> stack,
    long blocks,
    long bytes,
    long estimatedBlocks,
    long estimatedBytes,
    long oldestMillis,
    List<String> threads,
    List<String> labels) {
  /** Copies the lists. */
  public LeakSite {
    stack = List.copyOf(stack);
    threads = List.copyOf(threads);
    labels = List.copyOf(labels);
  }

  static Stream<LeakSite> of(LeakReport report) {
    return report.sites().stream().map(site -> of(report.pool(), site));
  }

  private static LeakSite of(String pool, LeakReport.Site site) {
    return new LeakSite(
        pool,
        site.stack().stream().map(StackTraceElement::toString).toList(),
        site.blocks(),
        site.bytes(),
        site.estimatedBlocks(),
        site.estimatedBytes(),
        site.oldest().toMillis(),
        site.threads(),
        site.labels());
  }

  /**
   * The largest.
   *
   * @param sites of any pools
   * @param most at least 1
   * @return largest first, by estimated bytes
   * @throws IllegalArgumentException when less than 1 is wanted
   */
  static List<LeakSite> largest(Stream<LeakSite> sites, int most) {
    if (most < 1) {
      throw new IllegalArgumentException("%d sites wanted: at least 1 is needed".formatted(most));
    }
    return sites
        .sorted(Comparator.comparingLong(LeakSite::estimatedBytes).reversed())
        .limit(most)
        .toList();
  }
}
