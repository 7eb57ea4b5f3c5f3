package io.cistern.cli;

import io.cistern.simulator.ReplayResult;
import io.cistern.simulator.Subject;
import io.cistern.simulator.Trace;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The results of a replay as lines: one for each trace and pool, as they come, then the means of
 * each family of traces and of all. A mean time is total time ÷ total operations, a mean ratio that
 * of the ratios.
 */
final class ReplayTable {
  private static final String NOTHING = "-";

  private final PrintWriter out;
  private final String line;
  private final List<ReplayResult> results = new ArrayList<>();

  ReplayTable(PrintWriter out, List<Trace> traces, List<Subject> subjects) {
    this.out = out;
    this.line =
        "%-"
            + width(traces.stream().map(Trace::name), 16)
            + "s  %-"
            + width(subjects.stream().map(Subject::id), 8)
            + "s %10s %8s %14s %14s %7s %15s %9s";
  }

  private static int width(Stream<String> texts, int least) {
    return Math.max(least, texts.mapToInt(String::length).max().orElse(0));
  }

  void head() {
    print(
        "trace",
        "pool",
        "operations",
        "ns/op",
        "peak live B",
        "region B",
        "ratio",
        "fragmentation",
        "failures");
  }

  /** Adds the results of a trace. */
  void add(List<ReplayResult> ofTrace) {
    results.addAll(ofTrace);
    for (ReplayResult result : ofTrace) {
      print(
          result.trace(),
          result.pool(),
          Figures.count(result.operations()),
          number("%.1f", result.nsPerOp()),
          Figures.count(result.peakLiveBytes()),
          result.minimumRegionBytes() == null
              ? NOTHING
              : Figures.count(result.minimumRegionBytes()),
          number("%.3f", result.minimumPoolRatio()),
          fragmentation(result),
          Figures.count(result.failures()));
      result.findings().forEach(finding -> out.println("  failed: " + finding));
    }
    out.flush();
  }

  private static String fragmentation(ReplayResult result) {
    double mean = result.timeline().meanFragmentation();
    return Double.isNaN(mean)
        ? NOTHING
        : String.format(
            Locale.ROOT,
            "%.1f, max %.1f %%",
            100 * mean,
            100 * result.timeline().worstFragmentation());
  }

  /** Adds the means, of families that have more than one trace and of all. */
  void means() {
    Map<String, List<ReplayResult>> groups = new LinkedHashMap<>();
    for (ReplayResult result : results) {
      group(groups, result.family() + "-*", result);
    }
    boolean several = groups.size() > 1;
    groups.values().removeIf(group -> traces(group) < 2);
    if (several) {
      results.forEach(result -> group(groups, "all", result));
    }
    groups.forEach(this::mean);
    out.flush();
  }

  private static void group(
      Map<String, List<ReplayResult>> groups, String name, ReplayResult result) {
    groups.computeIfAbsent(name, key -> new ArrayList<>()).add(result);
  }

  private static long traces(List<ReplayResult> group) {
    return group.stream().map(ReplayResult::trace).distinct().count();
  }

  private void mean(String name, List<ReplayResult> group) {
    if (traces(group) < 2) {
      return;
    }
    out.println();
    for (String pool : group.stream().map(ReplayResult::pool).distinct().toList()) {
      List<ReplayResult> ofPool = group.stream().filter(r -> r.pool().equals(pool)).toList();
      long operations = ofPool.stream().mapToLong(ReplayResult::operations).sum();
      print(
          "mean of " + name,
          pool,
          Figures.count(operations),
          number("%.1f", nsPerOp(ofPool, operations)),
          "",
          "",
          number("%.3f", ratio(ofPool)),
          "",
          Figures.count(ofPool.stream().mapToLong(ReplayResult::failures).sum()));
    }
  }

  private static @Nullable Double nsPerOp(List<ReplayResult> group, long operations) {
    double total = 0;
    for (ReplayResult result : group) {
      Double ns = result.nsPerOp();
      if (ns == null && result.operations() > 0) {
        return null;
      }
      total += ns == null ? 0 : ns * result.operations();
    }
    return operations == 0 ? null : (Double) (total / operations);
  }

  /** Of traces that have a ratio; a family in which one has none has no mean. */
  private static @Nullable Double ratio(List<ReplayResult> group) {
    List<Double> ratios = new ArrayList<>();
    for (ReplayResult result : group) {
      Double ratio = result.minimumPoolRatio();
      if (ratio == null) {
        return null;
      }
      ratios.add(ratio);
    }
    OptionalDouble mean = ratios.stream().mapToDouble(Double::doubleValue).average();
    return mean.isPresent() ? (Double) mean.getAsDouble() : null;
  }

  private static String number(String format, @Nullable Double value) {
    return value == null ? NOTHING : String.format(Locale.ROOT, format, value);
  }

  private void print(String... cells) {
    out.println(line.formatted((Object[]) cells).stripTrailing());
  }
}
