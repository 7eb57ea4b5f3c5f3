package io.cistern.benchmarks.report;

import java.util.ArrayList;
import java.util.List;

/** The report for a terminal or a log: one table, and one of percentiles where there are any. */
public final class TextTable {
  private static final int NAME_WIDTH = 25;
  private static final int NUMBER_WIDTH = 12;

  private TextTable() {}

  /**
   * Writes a report.
   *
   * @param report the figures
   * @return lines
   */
  public static List<String> of(Report report) {
    List<String> lines = new ArrayList<>();
    lines.add(line(Columns.TITLES));
    String group = "";
    for (Row row : report.rows()) {
      if (!group.equals(Columns.group(row))) {
        group = Columns.group(row);
        lines.add("");
        lines.add(group);
      }
      lines.add(line(Columns.of(report, row)));
    }
    lines.addAll(percentiles(report));
    return lines;
  }

  private static List<String> percentiles(Report report) {
    List<String> lines = new ArrayList<>();
    for (Row row : report.rows()) {
      Percentiles percentiles = row.percentiles();
      if (percentiles != null) {
        if (lines.isEmpty()) {
          lines.add("");
          lines.add(line(concat("latency, ns", percentiles.byName().sequencedKeySet())));
        }
        lines.add(
            line(
                concat(
                    row.subject().id(),
                    percentiles.byName().sequencedValues().stream()
                        .map(Columns::number)
                        .toList())));
      }
    }
    return lines;
  }

  private static List<String> concat(String first, Iterable<String> rest) {
    List<String> cells = new ArrayList<>();
    cells.add(first);
    rest.forEach(cells::add);
    return cells;
  }

  private static String line(List<String> cells) {
    StringBuilder line = new StringBuilder("  ");
    line.append(("%-" + NAME_WIDTH + "s").formatted(cells.getFirst()));
    for (String cell : cells.subList(1, cells.size())) {
      line.append(("%" + NUMBER_WIDTH + "s").formatted(cell));
    }
    return line.toString();
  }
}
