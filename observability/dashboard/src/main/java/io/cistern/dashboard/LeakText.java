package io.cistern.dashboard;

import io.cistern.LeakReport;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A report of who holds blocks, as a client gets it: the largest sites, times in milliseconds. */
final class LeakText {
  static final int MOST_SITES = 50;

  private LeakText() {}

  static ObjectNode of(LeakReport report) {
    ObjectNode node =
        Json.MAPPER
            .createObjectNode()
            .put("pool", report.pool())
            .put("olderThanMillis", report.olderThan().toMillis())
            .put("complete", report.complete())
            .put("missed", report.missed());
    sites(node.putArray("sites"), report.sites());
    sites(node.putArray("lost"), report.lost());
    return node;
  }

  private static void sites(ArrayNode list, List<LeakReport.Site> sites) {
    sites.stream().limit(MOST_SITES).forEach(site -> site(list.addObject(), site));
  }

  private static void site(ObjectNode node, LeakReport.Site site) {
    node.put("blocks", site.blocks())
        .put("bytes", site.bytes())
        .put("estimatedBlocks", site.estimatedBlocks())
        .put("estimatedBytes", site.estimatedBytes())
        .put("oldestMillis", site.oldest().toMillis());
    ArrayNode stack = node.putArray("stack");
    site.stack().forEach(frame -> stack.add(frame.toString()));
    ArrayNode threads = node.putArray("threads");
    site.threads().forEach(threads::add);
    ArrayNode labels = node.putArray("labels");
    site.labels().forEach(labels::add);
  }
}
