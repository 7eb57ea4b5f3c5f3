package io.cistern;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/**
 * Which blocks of a pool have been live for long, by the place that allocated them: a leak is a
 * site whose blocks grow in number and age, a cache one whose blocks only age. Immutable.
 *
 * <p>A complete report has every such block. A sampled one has those whose allocation was sampled,
 * and estimates the rest: a sample stands for as many allocations as there were in the same second
 * for each that was sampled, and all of them together for no more than the pool uses. The estimate
 * of a site with n samples is right within 2/&radic;n of itself 19 times out of 20.
 *
 * @param pool name of the pool
 * @param olderThan age from which a block is in the report
 * @param complete whether every allocation is traced; else they are sampled, and estimated figures
 *     are larger than those of the samples
 * @param sites largest first, by estimated bytes
 * @param threads the same blocks by the thread that allocated them, largest first
 * @param labels the same blocks by label, "" if none, largest first
 * @param missed traces of live blocks that were lost for want of room: by so many samples at most
 *     the figures are too low
 * @param lost blocks that were never freed and cannot be any more, since the collector has taken
 *     their {@link MemoryBlock}: by site, largest first, whatever their age, which is the one at
 *     which they were found. They are used until the pool is closed. Found at {@link
 *     CheckLevel#CHECKED} and above
 */
public record LeakReport(
    String pool,
    Duration olderThan,
    boolean complete,
    List<Site> sites,
    List<Share> threads,
    List<Share> labels,
    long missed,
    List<Site> lost) {
  private static final int TOP_SITES = 5;
  private static final int TOP_SHARES = 5;
  private static final int TOP_FRAMES = 12;
  private static final String PLACE = "      at ";

  /** Copies the lists. */
  public LeakReport {
    sites = List.copyOf(sites);
    threads = List.copyOf(threads);
    labels = List.copyOf(labels);
    lost = List.copyOf(lost);
  }

  /**
   * Live blocks that were allocated with one stack.
   *
   * @param stack from the pool's caller on, at most 32 frames
   * @param blocks in the report: all, or those sampled
   * @param bytes of these, as asked for
   * @param estimatedBlocks of all; {@code blocks} in a complete report
   * @param estimatedBytes of all; {@code bytes} in a complete report
   * @param oldest age of the oldest
   * @param threads names of the threads that allocated them, in order of name
   * @param labels under which they were allocated, in order; "" if none
   */
  public record Site(
      List<StackTraceElement> stack,
      long blocks,
      long bytes,
      long estimatedBlocks,
      long estimatedBytes,
      Duration oldest,
      List<String> threads,
      List<String> labels) {
    /** Copies the lists. */
    public Site {
      stack = List.copyOf(stack);
      threads = List.copyOf(threads);
      labels = List.copyOf(labels);
    }
  }

  /**
   * Live blocks of one thread or label.
   *
   * @param name of the thread when it allocated, or the label
   * @param blocks in the report: all, or those sampled
   * @param bytes of these, as asked for
   * @param estimatedBlocks of all; {@code blocks} in a complete report
   * @param estimatedBytes of all; {@code bytes} in a complete report
   */
  public record Share(
      String name, long blocks, long bytes, long estimatedBlocks, long estimatedBytes) {}

  /** What is added up of the traces of one site, thread or label. */
  static final class Sum {
    long blocks;
    long bytes;
    double estimatedBlocks;
    double estimatedBytes;
    long oldestMillis;
    final TreeSet<String> threads = new TreeSet<>();
    final TreeSet<String> labels = new TreeSet<>();

    void add(AllocationTrace trace, int size, long ageMillis, double weight) {
      blocks++;
      bytes += size;
      estimatedBlocks += weight;
      estimatedBytes += size * weight;
      oldestMillis = Math.max(oldestMillis, ageMillis);
      threads.add(trace.thread());
      labels.add(trace.label());
    }

    Site site(List<StackTraceElement> stack) {
      return new Site(
          stack,
          blocks,
          bytes,
          Math.round(estimatedBlocks),
          Math.round(estimatedBytes),
          Duration.ofMillis(oldestMillis),
          List.copyOf(threads),
          List.copyOf(labels));
    }

    Share share(String name) {
      return new Share(
          name, blocks, bytes, Math.round(estimatedBlocks), Math.round(estimatedBytes));
    }
  }

  /**
   * Adds up those that are live now and old enough. Estimates of all that is live add up to what
   * the pool uses at most: few samples of a burst stand for many allocations, of which most may
   * have been freed.
   *
   * @param complete whether there is a trace of every allocation
   * @param used blocks of the pool
   * @param missed how many traces of live blocks were lost
   * @param lost blocks that nobody can free
   * @throws IllegalArgumentException when the age is negative
   */
  static LeakReport of(
      String pool,
      Duration olderThan,
      boolean complete,
      List<AllocationTrace> traces,
      long used,
      long missed,
      List<Site> lost) {
    if (olderThan.isNegative()) {
      throw new IllegalArgumentException("age of " + olderThan + ": must be zero or more");
    }
    Map<List<StackTraceElement>, Sum> sites = new LinkedHashMap<>();
    Map<String, Sum> threads = new LinkedHashMap<>();
    Map<String, Sum> labels = new LinkedHashMap<>();
    double scale = complete ? 1 : scale(traces, used);
    traces.forEach(trace -> {
      int size = trace.liveSize();
      long age = trace.ageMillis();
      if (size >= 0 && Duration.ofMillis(age).compareTo(olderThan) >= 0) {
        double weight = Math.max(1, scale * trace.weight()); // it changes: once, so that sums agree
        sites.computeIfAbsent(trace.frames(), stack -> new Sum()).add(trace, size, age, weight);
        threads.computeIfAbsent(trace.thread(), name -> new Sum()).add(trace, size, age, weight);
        labels.computeIfAbsent(trace.label(), name -> new Sum()).add(trace, size, age, weight);
      }
    });
    return new LeakReport(
        pool, olderThan, complete, sites(sites), shares(threads), shares(labels), missed, lost);
  }

  private static double scale(List<AllocationTrace> traces, long used) {
    double estimated =
        traces.stream().filter(AllocationTrace::isLive).mapToDouble(AllocationTrace::weight).sum();
    return estimated > used ? used / estimated : 1;
  }

  static List<Site> sites(Map<List<StackTraceElement>, Sum> sums) {
    List<Site> sites = new ArrayList<>();
    sums.forEach((stack, sum) -> sites.add(sum.site(stack)));
    sites.sort(
        Comparator.comparingLong(Site::estimatedBytes)
            .thenComparingLong(Site::estimatedBlocks)
            .reversed());
    return sites;
  }

  private static List<Share> shares(Map<String, Sum> sums) {
    List<Share> shares = new ArrayList<>();
    sums.forEach((name, sum) -> shares.add(sum.share(name)));
    shares.sort(
        Comparator.comparingLong(Share::estimatedBytes).reversed().thenComparing(Share::name));
    return shares;
  }

  /**
   * Whether there is no block in it.
   *
   * @return true when no block that is known of is live for so long, and none is lost
   */
  public boolean isEmpty() {
    return sites.isEmpty() && lost.isEmpty();
  }

  /**
   * How many blocks are in the report.
   *
   * @return blocks of all sites: all there are, or those sampled
   */
  public long blocks() {
    return sites.stream().mapToLong(Site::blocks).sum();
  }

  /**
   * How many bytes are in the report.
   *
   * @return bytes of all sites, as asked for: of all blocks there are, or of those sampled
   */
  public long bytes() {
    return sites.stream().mapToLong(Site::bytes).sum();
  }

  /** The largest sites with their stacks, for people to read. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    if (sites.isEmpty()) {
      out.append(
          "pool '%s': no %s has been live for %s or more"
              .formatted(pool, complete ? "block" : "sampled block", seconds(olderThan)));
    } else {
      head(out);
      sites.stream().limit(TOP_SITES).forEach(site -> site(out, site));
      if (sites.size() > TOP_SITES) {
        line(out, "  and %s more", count(sites.size() - TOP_SITES, "site"));
      }
      shares(out, "thread", threads);
      if (labels.stream().anyMatch(label -> !label.name().isEmpty())) {
        shares(out, "label", labels);
      }
    }
    if (!lost.isEmpty()) {
      lost(out);
    }
    if (missed > 0) {
      line(
          out,
          "  %,d traces of live blocks were lost for want of room: the figures may be too low",
          missed);
    }
    return out.toString();
  }

  private void head(StringBuilder out) {
    out.append(
        format(
            "pool '%s': %s of %,d B live for %s or more, %s",
            pool,
            count(blocks(), complete ? "block" : "sampled block"),
            bytes(),
            seconds(olderThan),
            "from " + count(sites.size(), "site")));
  }

  private void lost(StringBuilder out) {
    line(
        out,
        "  lost: %s of %,d B, never freed and out of reach; used until the pool is closed",
        count(lost.stream().mapToLong(Site::blocks).sum(), "block"),
        lost.stream().mapToLong(Site::bytes).sum());
    lost.stream().limit(TOP_SITES).forEach(site -> site(out, site));
    if (lost.size() > TOP_SITES) {
      line(out, "  and %s more", count(lost.size() - TOP_SITES, "site"));
    }
  }

  private void site(StringBuilder out, Site site) {
    line(
        out,
        "  %s, %,d B%s, oldest %s, by %s",
        count(site.blocks(), "block"),
        site.bytes(),
        estimate(site.estimatedBlocks(), site.estimatedBytes()),
        seconds(site.oldest()),
        names(site.threads()));
    site.stack().stream()
        .limit(TOP_FRAMES)
        .forEach(frame -> out.append('\n').append(PLACE).append(frame));
    if (site.stack().size() > TOP_FRAMES) {
      line(out, "      and %s more", count(site.stack().size() - TOP_FRAMES, "frame"));
    }
  }

  private void shares(StringBuilder out, String what, List<Share> shares) {
    for (Share share : shares.subList(0, Math.min(TOP_SHARES, shares.size()))) {
      line(
          out,
          "  %s %s: %s, %,d B%s",
          what,
          share.name().isEmpty() ? "(none)" : share.name(),
          count(share.blocks(), "block"),
          share.bytes(),
          estimate(share.estimatedBlocks(), share.estimatedBytes()));
    }
    if (shares.size() > TOP_SHARES) {
      line(out, "  and %s more", count(shares.size() - TOP_SHARES, what));
    }
  }

  private String estimate(long blocks, long bytes) {
    return complete ? "" : format(" (estimated %,d, %,d B)", blocks, bytes);
  }

  private static String names(List<String> threads) {
    String shown = String.join(", ", threads.subList(0, Math.min(TOP_SHARES, threads.size())));
    return threads.size() > TOP_SHARES
        ? shown + " and " + count(threads.size() - TOP_SHARES, "thread") + " more"
        : shown;
  }

  private static String count(long number, String what) {
    return format("%,d %s%s", number, what, number == 1 ? "" : "s");
  }

  private static String seconds(Duration time) {
    return format("%.1f s", time.toMillis() / 1000.0);
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  private static void line(StringBuilder out, String format, Object... values) {
    out.append('\n').append(format(format, values));
  }
}
