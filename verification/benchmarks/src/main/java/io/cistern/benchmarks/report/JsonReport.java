package io.cistern.benchmarks.report;

import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The report for programs: a list with one object for each pattern, number of threads and subject
 * (and of {@code refused} for each number of blocks). {@code docs/performance.md} lists the fields.
 */
public final class JsonReport {
  private static final double PRECISION = 1000;

  private JsonReport() {}

  /**
   * Writes a report.
   *
   * @param report the figures
   * @return JSON
   */
  public static String of(Report report) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    report.rows().forEach(row -> list.add(object(report, row)));
    return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(list) + "\n";
  }

  private static ObjectNode object(Report report, Row row) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("pattern", row.pattern().id());
    object.put("threads", row.threads());
    object.put("subject", row.subject().id());
    put(object, row.figure());
    ratio(object, report, row);
    row.pattern().size().ifPresent(size -> object.put("size", size));
    if (row.blocks() > 0) {
      object.put("blocks", row.blocks());
    }
    if (!row.sizes().isEmpty()) {
      ObjectNode sizes = object.putObject("sizes");
      for (Map.Entry<Integer, Figure> size : row.sizes().entrySet()) {
        put(sizes.putObject(String.valueOf(size.getKey())), size.getValue());
      }
    }
    Percentiles percentiles = row.percentiles();
    if (percentiles != null) {
      ObjectNode values = object.putObject("percentilesNs");
      percentiles.byName().forEach(values::put);
    }
    return object;
  }

  private static void put(ObjectNode object, Figure figure) {
    number(object, "nsPerOp", figure.nsPerOp());
    number(object, "errorNs", figure.errorNs());
    number(object, "bytesPerOp", figure.bytesPerOp());
  }

  private static void ratio(ObjectNode object, Report report, Row row) {
    number(object, "ratioToMalloc", report.ratioToMalloc(row).orElse(Double.NaN));
    number(object, "ratioToBestPeer", report.ratioToBestPeer(row).orElse(Double.NaN));
  }

  /** JSON has no number for what is not one. */
  private static void number(ObjectNode object, String name, double value) {
    if (Double.isFinite(value)) {
      object.put(name, Math.round(value * PRECISION) / PRECISION);
    } else {
      object.putNull(name);
    }
  }
}
