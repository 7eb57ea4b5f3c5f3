package io.cistern.cli;

import java.io.PrintWriter;
import java.util.Locale;

/** The end of a demo in a few lines. */
final class Summary {
  private Summary() {}

  static void print(DemoReport report, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%n %s for %.1f s on %s, %s received%n%n",
        report.profile(),
        report.durationSeconds(),
        report.url(),
        Figures.amount(report.bytesReceived()));
    share(out, report, "frames received", report.framesReceived(), "");
    share(out, report, "  echoed", report.framesEchoed(), echoes(report));
    share(
        out,
        report,
        "  busy",
        report.framesDroppedExhausted(),
        Figures.count(report.busyAnswers()) + " answered; the pool was exhausted");
    share(out, report, "  too large", report.framesRejectedTooLarge(), "");
    share(out, report, "  aborted", report.framesAborted(), "the client was gone before the echo");
    row(
        out,
        "allocations",
        "%s, freed %s, failed %s, spilled %s, live %d"
            .formatted(
                Figures.count(report.allocations()),
                Figures.count(report.frees()),
                Figures.count(report.failedAllocations()),
                Figures.count(report.spills()),
                report.liveBlocks()));
    report.labels().stream()
        .filter(label -> label.allocations() > 0)
        .forEach(label ->
            row(
                out,
                "  " + label.pool(),
                "%s: %s, freed %s, failed %s, live %d"
                    .formatted(
                        label.label().isEmpty() ? "(no label)" : label.label(),
                        Figures.count(label.allocations()),
                        Figures.count(label.frees()),
                        Figures.count(label.failed()),
                        label.liveBlocks())));
    report
        .fallback()
        .forEach(fallback ->
            row(
                out,
                "  " + fallback.pool(),
                "fallback memory: %s, freed %s, of at most %s"
                    .formatted(
                        Figures.count(fallback.allocations()),
                        Figures.count(fallback.frees()),
                        Figures.amount(fallback.limitBytes()))));
    row(
        out,
        "regions",
        "%s of a budget of %s"
            .formatted(Figures.amount(report.regionBytes()), Figures.amount(report.budgetBytes())));
    row(
        out,
        "process",
        "RSS %s to %s, %d collections in %d ms"
            .formatted(
                Figures.amount(report.rssStartBytes()),
                Figures.amount(report.rssEndBytes()),
                report.gcCount(),
                report.gcMillis()));
    row(out, "verify", report.verify());
    out.flush();
  }

  private static String echoes(DemoReport report) {
    if (report.echoMismatches() > 0) {
      return report.echoMismatches() + " NOT EQUAL to what was sent";
    }
    return report.echoesVerified() == 0 ? "" : "checked byte by byte";
  }

  private static void share(
      PrintWriter out, DemoReport report, String name, long frames, String remark) {
    String share = Figures.percent(frames, report.framesReceived());
    row(
        out,
        name,
        "%12s %8s  %s"
            .formatted(Figures.count(frames), share, frames == 0 ? "" : remark)
            .stripTrailing());
  }

  private static void row(PrintWriter out, String name, String text) {
    out.printf(" %-16s %s%n", name, text);
  }
}
