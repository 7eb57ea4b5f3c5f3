package io.cistern.benchmarks.report;

import io.cistern.benchmarks.subject.Sizes;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** The columns that a row has, as text; every kind of table shows these. */
final class Columns {
  static final String NOTHING = "-";

  private static final int DECIMALS_BELOW = 100;

  /** Titles; the first one says what a row is, the others are numbers. */
  static final List<String> TITLES =
      List.of("subject", "ns/op", "±", "at 1 KB", "B/op", "× malloc", "× best peer");

  private Columns() {}

  /** A row's cells, in the order of the titles. */
  static List<String> of(Report report, Row row) {
    Figure middle = row.sizes().get(Sizes.MIDDLE);
    return List.of(
        row.subject().id(),
        number(row.figure().nsPerOp()),
        number(row.figure().errorNs()),
        middle == null ? NOTHING : number(middle.nsPerOp()),
        bytes(row.figure().bytesPerOp()),
        ratio(report.ratioToMalloc(row)),
        ratio(report.ratioToBestPeer(row)));
  }

  /** What the rows below have in common. */
  static String group(Row row) {
    String pool = row.blocks() == 0 ? "" : ", %,d blocks".formatted(row.blocks());
    return row.pattern().id() + ", " + threads(row.threads()) + pool;
  }

  static String threads(int count) {
    return count == 1 ? "1 thread" : count + " threads";
  }

  static String number(double nanoseconds) {
    String format = nanoseconds < DECIMALS_BELOW ? "%.1f" : "%,.0f";
    return String.format(Locale.ROOT, format, nanoseconds);
  }

  private static String bytes(double bytes) {
    return Double.isFinite(bytes) ? String.format(Locale.ROOT, "%,.0f", bytes) : NOTHING;
  }

  private static String ratio(OptionalDouble ratio) {
    return ratio.isPresent() ? String.format(Locale.ROOT, "%.2f", ratio.getAsDouble()) : NOTHING;
  }
}
