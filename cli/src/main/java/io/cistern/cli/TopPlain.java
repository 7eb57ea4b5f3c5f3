package io.cistern.cli;

import io.cistern.ManagerStats;
import io.cistern.PoolStats;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The figures for pipes, files and scripts: a line or an object a snapshot, or one table. */
final class TopPlain {
  private static final int WIDTH = 120;
  private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");
  private static final JsonMapper LINES = JsonMapper.builder().build();
  private static final JsonMapper INDENTED =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private TopPlain() {}

  /** One snapshot over several lines. */
  static String json(ManagerStats stats) {
    return INDENTED.writeValueAsString(stats);
  }

  /** One snapshot on a line. */
  static String jsonLine(ManagerStats stats) {
    return LINES.writeValueAsString(stats);
  }

  /** The table with everything, as it is at this moment. */
  static void table(TopSample sample, Style style, PrintWriter out) {
    TopTable table = new TopTable(style, WIDTH);
    table.head(sample).forEach(out::println);
    out.println(table.columns(sample.perSecond()).stripTrailing());
    table.body(sample, TopSort.USED).forEach(line -> out.println(line.stripTrailing()));
  }

  /** All pools together on one line. */
  static String line(TopSample sample) {
    ManagerStats stats = sample.stats();
    TopFlow flow = sample.flow();
    return String.format(
        Locale.ROOT,
        "%s  used %s of %s (%s)  %s  waiting %d%s",
        CLOCK.format(Instant.ofEpochMilli(stats.timeMillis()).atZone(ZoneId.systemDefault())),
        Figures.amount(sample.usedBytes()),
        Figures.amount(sample.totalBytes()),
        Figures.percent(sample.usedBytes(), sample.totalBytes()),
        stats.pressure(),
        stats.pools().stream().mapToInt(PoolStats::waiting).sum(),
        flow == null
            ? ""
            : "  alloc/s %d  free/s %d  failed/s %d  spill/s %d"
                .formatted(flow.allocations(), flow.frees(), flow.failed(), flow.spills()));
  }
}
