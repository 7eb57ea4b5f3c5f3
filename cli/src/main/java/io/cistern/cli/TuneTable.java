package io.cistern.cli;

import io.cistern.simulator.Trace;
import io.cistern.simulator.tune.TierUse;
import io.cistern.simulator.tune.Tuning;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** Tuned tiers as lines: what each is used for, and what else there would have been. */
final class TuneTable {
  private static final String TIER = "  %12s %10s %14s %14s %14s %14s";
  private static final String COST = "  %-46s %14s B  %s";

  private TuneTable() {}

  static void print(Tuning tuning, List<Trace> traces, PrintWriter out) {
    traces.forEach(out::println);
    out.println();
    out.println(TIER.formatted("block B", "blocks", "memory B", "asked for B", "lost B", "free B"));
    for (TierUse use : tuning.uses()) {
      long memory = use.askedBytes() + use.wastedBytes() + use.idleBytes();
      out.println(
          TIER.formatted(
              count(use.blockSizeBytes()),
              count(use.count()),
              count(memory),
              count(use.askedBytes()),
              count(use.wastedBytes()),
              count(use.idleBytes())));
    }
    out.println("  (asked for, lost and free: at the moment at which the most bytes are live)");
    out.println();
    costs(tuning, out);
    out.println();
    out.flush();
  }

  private static void costs(Tuning tuning, PrintWriter out) {
    long peak = tuning.peakLiveBytes();
    cost(out, "these tiers", tuning.plan().regionBytes(), peak);
    if (!tuning.plan().equals(tuning.withoutHeadroom())) {
      cost(out, "  without headroom", tuning.withoutHeadroom().regionBytes(), peak);
    }
    cost(out, "tiers of powers of two", tuning.powersOfTwo().regionBytes(), peak);
    cost(out, "  where none counts on borrowing", tuning.powersOfTwoAlone().regionBytes(), peak);
    Long region = tuning.variableRegionBytes();
    if (region == null) {
      out.println(COST.formatted("pool of variable sizes", "-", "more than 2.5 × the peak"));
    } else {
      cost(out, "pool of variable sizes, smallest region", region, peak);
    }
    if (tuning.plan().regionBytes() >= tuning.powersOfTwo().regionBytes()) {
      out.println("  powers of two do with no more memory here: allow more tiers (--tiers)");
    }
  }

  private static void cost(PrintWriter out, String what, long bytes, long peak) {
    String ratio = String.format(Locale.ROOT, "%.3f × peak live bytes", (double) bytes / peak);
    out.println(COST.formatted(what, count(bytes), ratio));
  }

  private static String count(long count) {
    return Figures.count(count);
  }
}
