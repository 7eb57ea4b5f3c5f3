package io.cistern.micrometer;

import java.net.URI;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.hawkular.agent.prometheus.PrometheusScraper;
import org.hawkular.agent.prometheus.types.Counter;
import org.hawkular.agent.prometheus.types.Gauge;
import org.hawkular.agent.prometheus.types.Metric;
import org.hawkular.agent.prometheus.types.MetricFamily;
import org.hawkular.agent.prometheus.types.Summary;

/** A scrape over HTTP, read by a published parser: each sample by its name and labels. */
final class Scrape {
  private Scrape() {}

  static Map<String, Double> of(URI uri) throws Exception {
    Map<String, Double> samples = new TreeMap<>();
    for (MetricFamily family : new PrometheusScraper(uri.toURL()).scrape()) {
      for (Metric metric : family.getMetrics()) {
        add(metric, samples);
      }
    }
    return samples;
  }

  private static void add(Metric metric, Map<String, Double> samples) {
    String name = metric.getName();
    String labels =
        metric.getLabels().entrySet().stream()
            .map(label -> label.getKey() + "=" + label.getValue())
            .sorted()
            .collect(Collectors.joining(",", "{", "}"));
    switch (metric) {
      case Counter counter -> samples.put(name + labels, counter.getValue());
      case Gauge gauge -> samples.put(name + labels, gauge.getValue());
      case Summary summary -> {
        samples.put(name + "_count" + labels, (double) summary.getSampleCount());
        samples.put(name + "_sum" + labels, summary.getSampleSum());
      }
      default -> throw new AssertionError("a metric that we do not have: " + metric);
    }
  }
}
