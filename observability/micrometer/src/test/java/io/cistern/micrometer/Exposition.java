package io.cistern.micrometer;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What there is to ask for: the labels of each metric of a real scrape, with their values, and
 * those labels that Prometheus itself adds.
 */
final class Exposition {
  private static final Set<String> BY_PROMETHEUS = Set.of("instance", "job");

  private final Map<String, Map<String, Set<String>>> metrics = new TreeMap<>();

  /** Of samples by name and labels, as {@link Scrape} gives them. */
  static Exposition of(Set<String> samples) {
    Exposition exposition = new Exposition();
    for (String sample : samples) {
      int brace = sample.indexOf('{');
      Map<String, Set<String>> labels =
          exposition.metrics.computeIfAbsent(sample.substring(0, brace), metric -> new TreeMap<>());
      for (String label : sample.substring(brace + 1, sample.length() - 1).split(",", -1)) {
        if (!label.isEmpty()) {
          String[] parts = label.split("=", 2);
          labels.computeIfAbsent(parts[0], name -> new TreeSet<>()).add(parts[1]);
        }
      }
    }
    return exposition;
  }

  Set<String> names() {
    return metrics.keySet();
  }

  boolean hasLabel(String metric, String label) {
    return BY_PROMETHEUS.contains(label)
        || metrics.getOrDefault(metric, Map.of()).containsKey(label);
  }

  /**
   * Whether a value occurs; one that is a variable of the dashboard's is for its user to choose.
   */
  boolean hasValue(String metric, String label, String value) {
    return value.startsWith("$")
        || metrics.getOrDefault(metric, Map.of()).getOrDefault(label, Set.of()).contains(value);
  }

  static boolean isCounter(String metric) {
    return metric.endsWith("_total") || metric.endsWith("_count") || metric.endsWith("_sum");
  }
}
