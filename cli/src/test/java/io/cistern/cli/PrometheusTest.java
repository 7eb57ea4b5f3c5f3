package io.cistern.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cistern.config.Profile;
import io.cistern.gateway.load.Load;
import io.cistern.gateway.load.LoadOptions;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.hawkular.agent.prometheus.PrometheusScraper;
import org.hawkular.agent.prometheus.types.Counter;
import org.hawkular.agent.prometheus.types.Gauge;
import org.hawkular.agent.prometheus.types.Metric;
import org.hawkular.agent.prometheus.types.MetricFamily;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code cistern demo --prometheus}: scraped over HTTP while it serves, by a parser that is not
 * ours; what it said last is what its report says. Time budget: 25 s.
 */
@Timeout(120)
class PrometheusTest {
  private static final int KILLED = 50;
  private static final int CLIENTS = 6;
  private static final int RATE = 2000;

  /** The stream of samples goes on after the clients, so its pool is not at rest. */
  @ParameterizedTest
  @CsvSource({"prism, 8, 4096, none", "audio, 2, 20480, audio"})
  void scrapeAtTheEndIsTheReport(
      String profile, int blocks, int largest, String moving, @TempDir Path folder)
      throws Exception {
    Path file = folder.resolve("demo.json");
    Map<String, Double> scraped;
    try (DemoProcess demo =
        DemoProcess.start(
            "--profile",
            profile,
            "--clients",
            "0",
            "--duration",
            "1h",
            "--prometheus",
            "0",
            "--json",
            file.toString())) {
      URI gateway = uri(demo.awaitLine("ws://"));
      URI metrics = uri(demo.awaitLine("Prometheus can scrape "));
      drive(gateway, profile, blocks, largest, metrics);
      scraped = atRest(metrics, moving);
      demo.terminate();
      assertThat(demo.awaitEnd()).containsPattern("verify +ok").doesNotContain("\tat ");
      assertThat(demo.exitCode()).isZero();
    }
    JsonNode report = JsonMapper.shared().readTree(Files.readString(file));
    assertThat(report.get("failedAllocations").asLong()).isPositive();
    assertThat(report.get("liveBlocks").asInt()).isZero();
    Map<String, Double> told = told(report, moving);
    assertThat(told).hasSizeGreaterThan(20);
    assertThat(scraped).containsAllEntriesOf(told);
  }

  private static URI uri(String line) {
    return URI.create(line.substring(line.lastIndexOf(' ') + 1).strip());
  }

  /** Clients beyond what the pools hold, and scrapers that are killed while they read. */
  private static void drive(URI gateway, String profile, int blocks, int largest, URI metrics)
      throws Exception {
    Profile.Frames frames = Objects.requireNonNull(Profile.load(profile).frames());
    LoadOptions options =
        new LoadOptions(gateway, CLIENTS, RATE, blocks, largest, frames.oversize(), 42);
    try (Load load = Load.start(options)) {
      for (int i = 0; i < KILLED; i++) {
        killed(metrics);
      }
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> sum(scrape(metrics), "cistern_pool_failed_total") > 0);
      assertThat(load.stats().echoMismatches()).isZero();
    }
  }

  /** Reads the beginning of an answer, and resets the connection. */
  private static void killed(URI metrics) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), metrics.getPort())) {
      socket.setSoLinger(true, 0);
      OutputStream out = socket.getOutputStream();
      out.write("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      out.flush();
      assertThat(socket.getInputStream().readNBytes(12))
          .asString(StandardCharsets.US_ASCII)
          .isEqualTo("HTTP/1.1 200");
    }
  }

  /** What is scraped when no block is used any more and nothing has changed for a while. */
  private static Map<String, Double> atRest(URI metrics, String moving) {
    Map<String, Double> last = new TreeMap<>();
    await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(300))
        .until(() -> {
          Map<String, Double> now = scrape(metrics);
          now.keySet().removeIf(name -> name.contains("pool=" + moving));
          now.keySet().removeIf(name -> name.startsWith("cistern_budget_used"));
          boolean rests = sum(now, "cistern_pool_blocks") == 0 && now.equals(last);
          last.clear();
          last.putAll(now);
          return rests;
        });
    return last;
  }

  private static double sum(Map<String, Double> samples, String name) {
    return samples.entrySet().stream()
        .filter(sample -> sample.getKey().startsWith(name + "{"))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  /** Counters and gauges by name and labels. */
  private static Map<String, Double> scrape(URI metrics) throws Exception {
    Map<String, Double> samples = new TreeMap<>();
    for (MetricFamily family : new PrometheusScraper(metrics.toURL()).scrape()) {
      for (Metric metric : family.getMetrics()) {
        String labels =
            metric.getLabels().entrySet().stream()
                .map(label -> label.getKey() + "=" + label.getValue())
                .sorted()
                .collect(Collectors.joining(",", "{", "}"));
        if (metric instanceof Counter counter) {
          samples.put(metric.getName() + labels, counter.getValue());
        } else if (metric instanceof Gauge gauge) {
          samples.put(metric.getName() + labels, gauge.getValue());
        }
      }
    }
    return samples;
  }

  // --- what the report says, by the names of metrics ---------------------------------------------

  private static Map<String, Double> told(JsonNode report, String moving) {
    Map<String, Double> told = new TreeMap<>();
    told.put("cistern_budget_max_bytes{}", report.get("budgetBytes").asDouble());
    told.put("cistern_region_size_bytes{}", report.get("regionBytes").asDouble());
    report.get("tiers").forEach(tier -> tier(tier, told));
    report.get("variable").forEach(variable -> variable(variable, told));
    report.get("labels").forEach(label -> label(label, told));
    report.get("fallback").forEach(fallback -> fallback(fallback, told));
    told.keySet().removeIf(name -> name.contains("pool=" + moving));
    return told;
  }

  private static void tier(JsonNode tier, Map<String, Double> told) {
    String labels = "{pool=%s,tier=%d}".formatted(pool(tier), tier.get("blockSizeBytes").asLong());
    told.put("cistern_tier_capacity_blocks" + labels, tier.get("total").asDouble());
    told.put("cistern_tier_peak_blocks" + labels, tier.get("peakUsed").asDouble());
    told.put("cistern_tier_allocations_total" + labels, tier.get("allocations").asDouble());
    told.put("cistern_tier_frees_total" + labels, tier.get("frees").asDouble());
    told.put("cistern_tier_failed_total" + labels, tier.get("failed").asDouble());
    told.put("cistern_tier_spilled_in_total" + labels, tier.get("spilledIn").asDouble());
    told.put("cistern_tier_spilled_out_total" + labels, tier.get("spilledOut").asDouble());
  }

  private static void variable(JsonNode variable, Map<String, Double> told) {
    String labels = "{pool=" + pool(variable) + "}";
    told.put("cistern_pool_capacity_bytes" + labels, variable.get("totalBytes").asDouble());
    told.put("cistern_variable_peak_bytes" + labels, variable.get("peakUsedBytes").asDouble());
    told.put(
        "cistern_variable_largest_free_bytes" + labels,
        variable.get("largestFreeBytes").asDouble());
    told.put(
        "cistern_variable_fragmentation_percent" + labels,
        variable.get("externalFragmentationPercent").asDouble());
    told.put("cistern_pool_failed_total" + labels, variable.get("failed").asDouble());
  }

  private static void label(JsonNode label, Map<String, Double> told) {
    String name = label.get("label").asString();
    String labels = "{label=%s,pool=%s}".formatted(name.isEmpty() ? "(none)" : name, pool(label));
    told.put("cistern_label_allocations_total" + labels, label.get("allocations").asDouble());
    told.put("cistern_label_frees_total" + labels, label.get("frees").asDouble());
    told.put("cistern_label_blocks" + labels, label.get("liveBlocks").asDouble());
    told.put("cistern_label_used_bytes" + labels, label.get("liveBytes").asDouble());
    told.put("cistern_label_failed_total" + labels, label.get("failed").asDouble());
  }

  private static void fallback(JsonNode fallback, Map<String, Double> told) {
    String labels = "{pool=" + pool(fallback) + "}";
    told.put("cistern_pool_fallback_max_bytes" + labels, fallback.get("limitBytes").asDouble());
    told.put("cistern_pool_fallback_used_bytes" + labels, fallback.get("liveBytes").asDouble());
    told.put("cistern_pool_fallback_peak_blocks" + labels, fallback.get("peakBlocks").asDouble());
    told.put(
        "cistern_pool_fallback_allocations_total" + labels, fallback.get("allocations").asDouble());
    told.put("cistern_pool_fallback_frees_total" + labels, fallback.get("frees").asDouble());
  }

  private static String pool(JsonNode of) {
    return of.get("pool").asString();
  }

  @Test
  void portThatIsTakenIsOneLine() throws Exception {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int exit =
          Cistern.commandLine()
              .setOut(new PrintWriter(out))
              .setErr(new PrintWriter(err))
              .execute("demo", "--prometheus", Integer.toString(taken.getLocalPort()));
      assertThat(exit).isEqualTo(2);
      assertThat(err.toString())
          .contains(
              "port %d on 127.0.0.1 cannot be listened on (Address already in use): choose another with --prometheus, or 0 for any free one"
                  .formatted(taken.getLocalPort()))
          .doesNotContain("\tat ");
      assertThat(out.toString()).isEmpty();
    }
  }
}
