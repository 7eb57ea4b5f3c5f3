package io.cistern.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A demo that the JVM's flight recorder records, read back by the JDK's own {@code jfr}: its last
 * figures are those of the report. Time budget: 15 s.
 */
@Timeout(120)
class DemoRecordingTest {
  private static final List<String> FIGURES =
      List.of("total", "peakUsed", "allocations", "frees", "failed", "spilledIn", "spilledOut");

  @Test
  void theLastFiguresAreTheReport(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("demo.jfr");
    Path report = folder.resolve("demo.json");
    try (DemoProcess demo =
        DemoProcess.start(
            List.of("-XX:StartFlightRecording:filename=" + file),
            "--profile",
            "prism",
            "--duration",
            "2s",
            "--json",
            report.toString())) {
      assertThat(demo.awaitEnd()).containsPattern("verify +ok");
      assertThat(demo.exitCode()).isZero();
    }
    JsonNode told = JsonMapper.shared().readTree(Files.readString(report));
    assertThat(told.get("failedAllocations").asLong()).isPositive();
    Map<String, String> expected = new TreeMap<>();
    told.get("tiers").forEach(tier -> expected.put(name(tier), figures(tier)));
    assertThat(last(events(file, "TierStatistics"))).isEqualTo(expected);
    assertThat(events(file, "AllocationFailed").size()).isPositive();
  }

  private static JsonNode events(Path file, String name) throws Exception {
    Process jfr =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jfr").toString(),
                "print",
                "--json",
                "--events",
                "io.cistern." + name,
                file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String json = new String(jfr.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(jfr.waitFor()).isZero();
    return JsonMapper.shared().readTree(json).get("recording").get("events");
  }

  /** Of each tier what was recorded last; {@code jfr} prints in the order of time. */
  private static Map<String, String> last(JsonNode events) {
    Map<String, String> last = new TreeMap<>();
    events.forEach(event -> last.put(name(event.get("values")), figures(event.get("values"))));
    return last;
  }

  private static String name(JsonNode tier) {
    return tier.get("pool").asString() + " " + tier.get("blockSizeBytes").asLong();
  }

  private static String figures(JsonNode tier) {
    StringBuilder text = new StringBuilder();
    FIGURES.forEach(figure -> text.append(figure).append('=').append(tier.get(figure)).append(' '));
    return text.toString();
  }
}
