package io.cistern.cli;

import io.cistern.ManagerStats;
import io.cistern.PoolStats;
import io.cistern.PressureLevel;
import io.cistern.jdk.LeakSite;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The screen of {@code cistern top} as text: a pure function from a {@link TopSample} to lines. A
 * pool and its tiers, the quotas, labels and the places that hold memory stand in the same columns:
 *
 * <pre>
 *  pool         used              used  total   peak alloc/s  free/s fail/s spill/s
 *  main         ███▍····│······   3.2K    56K              98      98      0      0
 *    256 B      ██▍·····│······      5     32     26       61      61      0      0
 * </pre>
 *
 * A pool and a quota are counted in bytes (B, K, M, G: powers of 1024), a tier in blocks. Where
 * there is more room, it goes to what tiers are meant for and to the bars; where there is less, to
 * nothing.
 */
final class TopTable {
  private static final int NARROW = 80;
  private static final int FIGURE = 7;
  private static final int RATE = 8;
  private static final int MOST_LABELS = 10;
  private static final int MOST_FRAMES = 4;

  private final Style style;
  private final int width;
  private final int name;
  private final int label;
  private final int bar;

  TopTable(Style style, int width) {
    int room = Math.max(0, width - NARROW);
    this.style = style;
    this.width = width;
    this.label = room < 12 ? 0 : Math.min(26, room);
    this.name = 13 + Math.min(11, room - label);
    this.bar = Math.clamp(width - NARROW - label - (name - 13) + 14, 4, 60);
  }

  /** The state of the whole in three lines. */
  List<String> head(TopSample sample) {
    ManagerStats stats = sample.stats();
    TopFlow flow = sample.flow();
    long used = sample.usedBytes();
    long total = sample.totalBytes();
    String rates =
        flow == null
            ? "measuring"
            : (sample.perSecond() ? "%s alloc/s, %s failed/s" : "%s allocations, %s failed")
                .formatted(Figures.count(flow.allocations()), Figures.count(flow.failed()));
    return List.of(
        line(
            "memory",
            String.join(
                style.dot(),
                "%s of %s used (%s)"
                    .formatted(
                        Figures.amount(used), Figures.amount(total), Figures.percent(used, total)),
                style.level(stats.pressure(), stats.pressure().name()),
                rates)),
        line("budget", budget(stats)));
  }

  private String budget(ManagerStats stats) {
    String taken =
        stats.budgetBytes() == Long.MAX_VALUE
            ? "none, %s taken".formatted(Figures.amount(stats.budgetUsedBytes()))
            : "%s of %s taken"
                .formatted(
                    Figures.amount(stats.budgetUsedBytes()), Figures.amount(stats.budgetBytes()));
    return String.join(
        style.dot(),
        taken,
        "regions " + Figures.amount(stats.regionBytes()),
        "waiting " + stats.pools().stream().mapToInt(PoolStats::waiting).sum(),
        "violations " + stats.pools().stream().mapToLong(PoolStats::violations).sum());
  }

  private String line(String what, String text) {
    return " " + style.dim(style.column(8, what)) + text;
  }

  /** The heads of the columns. */
  String columns(boolean perSecond) {
    String per = perSecond ? "/s" : "";
    return style.dim(
        " "
            + style.column(name, "pool, tier")
            + (label == 0 ? "" : style.column(label, "meant for"))
            + style.column(bar, "used, peak")
            + ("%" + FIGURE + "s%" + FIGURE + "s%" + FIGURE + "s")
                .formatted("used", "total", "peak")
            + ("%" + RATE + "s%" + RATE + "s%7s%8s")
                .formatted("alloc" + per, "free" + per, "fail" + per, "spill" + per));
  }

  /** Everything below the heads of the columns. */
  List<String> body(TopSample sample, TopSort sort) {
    List<String> lines = new ArrayList<>();
    sample.stats().pools().stream()
        .sorted(sort.order(sample.flows()))
        .forEach(pool -> pool(sample, pool, lines));
    section(
        lines,
        "quotas: bytes used, limit, peak",
        sample.stats().quotas().stream().map(this::quota));
    section(lines, "labels: bytes live, blocks", labels(sample));
    section(
        lines,
        "top sites: bytes, blocks, age of the oldest, pool, place < callers",
        sample.sites().stream().map(this::site));
    return lines;
  }

  private void section(List<String> lines, String title, Stream<String> rows) {
    List<String> all = rows.toList();
    if (!all.isEmpty()) {
      lines.add("");
      lines.add(" " + style.dim(title));
      lines.addAll(all);
    }
  }

  private void pool(TopSample sample, PoolStats pool, List<String> lines) {
    PoolStats.Variable variable = pool.variable();
    long used = pool.usedBytes();
    long total = used + pool.freeBytes();
    long peak = variable == null ? used : variable.peakUsedBytes();
    lines.add(
        row(
            style.bold(style.column(name, Printable.of(pool.pool()))),
            pool.pressure().name(),
            bar(used, peak, total, pool.pressure()),
            figures(
                Figures.bytes(used),
                Figures.bytes(total),
                variable == null ? "" : Figures.bytes(peak)),
            sample.flows().get(TopFlow.key(pool))));
    pool.tiers()
        .forEach(tier -> lines.add(tier(tier, sample.flows().get(TopFlow.key(pool, tier)))));
    PoolStats.Fallback fallback = pool.fallback();
    if (fallback != null) {
      lines.add(fallback(fallback, sample.flows().get(TopFlow.fallbackKey(pool))));
    }
  }

  private String tier(PoolStats.Tier tier, @Nullable TopFlow flow) {
    return row(
        style.column(name, "  " + Figures.blockSize(tier.blockSizeBytes())),
        tier.label(),
        bar(tier.used(), tier.peakUsed(), tier.total(), tier.pressure()),
        figures(
            Figures.compact(tier.used()),
            Figures.compact(tier.total()),
            Figures.compact(tier.peakUsed())),
        flow);
  }

  private String fallback(PoolStats.Fallback fallback, @Nullable TopFlow flow) {
    return row(
        style.column(name, "  fallback"),
        "%d outside, most %d".formatted(fallback.liveBlocks(), fallback.peakBlocks()),
        bar(
            fallback.liveBytes(),
            fallback.liveBytes(),
            fallback.limitBytes(),
            PressureLevel.NORMAL),
        figures(Figures.bytes(fallback.liveBytes()), Figures.bytes(fallback.limitBytes()), ""),
        flow);
  }

  private String quota(ManagerStats.OfQuota quota) {
    int depth = Math.toIntExact(quota.path().chars().filter(c -> c == '/').count());
    String path = Printable.of(quota.path());
    return row(
            style.column(name, "  ".repeat(depth) + path.substring(path.lastIndexOf('/') + 1)),
            "guaranteed "
                + Figures.bytes(quota.guaranteedBytes())
                + (quota.critical() ? ", critical" : ""),
            bar(quota.usedBytes(), quota.peakBytes(), quota.limitBytes(), PressureLevel.NORMAL),
            figures(
                Figures.bytes(quota.usedBytes()),
                quota.limitBytes() == Long.MAX_VALUE ? "-" : Figures.bytes(quota.limitBytes()),
                Figures.bytes(quota.peakBytes())),
            null)
        + ("%" + 2 * RATE + "s%7s").formatted("refused", Figures.compact(quota.failed()));
  }

  private Stream<String> labels(TopSample sample) {
    record Labelled(PoolStats pool, PoolStats.Label label) {}
    return sample.stats().pools().stream()
        .flatMap(pool -> pool.labels().stream().map(of -> new Labelled(pool, of)))
        .filter(of -> of.label.allocations() + of.label.failed() > 0)
        .sorted(Comparator.comparingLong((Labelled of) -> of.label.liveBytes()).reversed())
        .limit(MOST_LABELS)
        .map(of -> label(of.pool, of.label, sample.flows().get(TopFlow.key(of.pool, of.label))));
  }

  private String label(PoolStats pool, PoolStats.Label of, @Nullable TopFlow flow) {
    long total = pool.usedBytes() + pool.freeBytes();
    return row(
        style.column(name - 1, of.name().isEmpty() ? "(none)" : Printable.of(of.name())) + " ",
        "in " + pool.pool(),
        bar(of.liveBytes(), of.liveBytes(), total, PressureLevel.NORMAL),
        figures(Figures.bytes(of.liveBytes()), Figures.compact(of.liveBlocks()), ""),
        flow);
  }

  private String site(LeakSite site) {
    String pool = Printable.of(site.pool());
    String figures =
        String.format(
            Locale.ROOT,
            " %7s %7s  %8.1f s  ",
            Figures.bytes(site.estimatedBytes()),
            Figures.compact(site.estimatedBlocks()),
            site.oldestMillis() / 1000.0);
    int room = Math.max(2, width - figures.length() - pool.length() - 2);
    return figures + style.bold(pool) + "  " + style.cut(room, places(site.stack()));
  }

  /** The place that allocated, and who called it, as far as there is room. */
  private static String places(List<String> stack) {
    return stack.isEmpty()
        ? "(no stack)"
        : stack.stream()
            .limit(MOST_FRAMES)
            .map(Printable::of)
            .map(TopTable::withoutPackage)
            .collect(Collectors.joining(" < "));
  }

  /** {@code com.acme.Frames.take(Frames.java:33)} as {@code Frames.take(Frames.java:33)}. */
  private static String withoutPackage(String frame) {
    int bracket = frame.indexOf('(');
    int method = frame.lastIndexOf('.', bracket < 0 ? frame.length() : bracket);
    int type = Math.max(frame.lastIndexOf('.', method - 1), frame.lastIndexOf('/', method - 1));
    return method < 0 ? frame : frame.substring(type + 1);
  }

  private String bar(long used, long peak, long total, PressureLevel level) {
    return style.bar(bar, Math.min(used, total), Math.min(peak, total), total, level);
  }

  private String row(
      String first, String meantFor, String bar, String figures, @Nullable TopFlow flow) {
    return " "
        + first
        + (label == 0 ? "" : style.column(label - 1, Printable.of(meantFor)) + " ")
        + bar
        + figures
        + (flow == null
            ? ""
            : ("%" + RATE + "s%" + RATE + "s%7s%8s")
                .formatted(
                    Figures.compact(flow.allocations()),
                    Figures.compact(flow.frees()),
                    Figures.compact(flow.failed()),
                    Figures.compact(flow.spills())));
  }

  private static String figures(String used, String total, String peak) {
    return ("%" + FIGURE + "s%" + FIGURE + "s%" + FIGURE + "s").formatted(used, total, peak);
  }
}
