package io.cistern.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cistern.benchmarks.pattern.Pattern;
import io.cistern.benchmarks.run.Cell;
import io.cistern.benchmarks.run.ForkResult;
import io.cistern.benchmarks.run.Sample;
import io.cistern.benchmarks.subject.Subject;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Ratios, the table and the JSON. Time budget: 2 s. */
class ReportTest {
  @Test
  void oursComeFirstAndRatiosAreToMallocAndToTheFastestPeer() {
    List<Row> pairs = Reports.ALL.rowsOf(Pattern.PAIR);
    assertThat(pairs)
        .extracting(Row::subject)
        .containsExactly(Subject.CISTERN_SHARED, Subject.MALLOC_FFM, Subject.KAFKA);
    double expected = Math.sqrt(9 * 9.12345) / Math.sqrt(18 * 9.3);
    assertThat(Reports.ALL.ratioToMalloc(pairs.getFirst()).orElseThrow())
        .isCloseTo(expected, within(1e-9));
    assertThat(Reports.ALL.ratioToBestPeer(pairs.getFirst()).orElseThrow())
        .isCloseTo(expected, within(1e-9));
    assertThat(Reports.ALL.ratioToBestPeer(pairs.get(1)).orElseThrow()).isEqualTo(1);
  }

  @Test
  void whatWasNotMeasuredGivesNoRatio() {
    Row batch = Reports.ALL.rowsOf(Pattern.BATCH).getFirst();
    assertThat(Reports.ALL.ratioToMalloc(batch)).isEmpty();
    assertThat(Reports.ALL.ratioToBestPeer(batch)).isEmpty();
  }

  @Test
  void theTableHasAGroupForWhatCanBeCompared() {
    String table = String.join("\n", TextTable.of(Reports.ALL));
    assertThat(table)
        .contains("pair, 1 thread\n")
        .contains("batch, 2 threads\n")
        .contains("refused, 1 thread, 64 blocks\n")
        .contains("refused, 1 thread, 1,048,576 blocks\n")
        .containsPattern("cistern-shared +9.1 +0.1 +9.1 +0 +0.70 +0.70\n")
        .containsPattern("cistern-block +32.5 +0.3 +- +72 +- +-\n")
        .containsPattern("latency, ns +p50 +p90 +p99 +p99.9 +p99.99 +max\n")
        .containsPattern("arrow +151 +250 +1,000 +20,000 +300,000 +4,000,000$");
  }

  @Test
  void jsonHasOneObjectForEachThingThatWasMeasured() {
    JsonNode list = JsonMapper.shared().readTree(JsonReport.of(Reports.ALL));
    assertThat(list.size()).isEqualTo(Reports.ALL.rows().size());
    Set<String> keys = new HashSet<>();
    for (JsonNode object : list) {
      keys.add(
          "%s %s %s %s"
              .formatted(
                  object.get("pattern"),
                  object.get("threads"),
                  object.get("subject"),
                  object.get("blocks")));
      assertThat(object.propertyNames())
          .contains("nsPerOp", "errorNs", "bytesPerOp", "ratioToMalloc", "ratioToBestPeer")
          .isSubsetOf(
              "pattern",
              "threads",
              "subject",
              "nsPerOp",
              "errorNs",
              "bytesPerOp",
              "ratioToMalloc",
              "ratioToBestPeer",
              "size",
              "sizes",
              "blocks",
              "percentilesNs");
    }
    assertThat(keys).hasSize(list.size());
  }

  @Test
  void jsonSaysWhatTheTableSays() {
    JsonNode list = JsonMapper.shared().readTree(JsonReport.of(Reports.ALL));
    JsonNode pair = list.get(0);
    assertThat(pair.get("pattern").asString()).isEqualTo("pair");
    assertThat(pair.get("subject").asString()).isEqualTo("cistern-shared");
    assertThat(pair.get("sizes").get("1024").get("nsPerOp").asDouble()).isEqualTo(9.123);
    assertThat(pair.has("size")).isFalse();
    JsonNode batch = list.get(3);
    assertThat(batch.get("size").asInt()).isEqualTo(1024);
    assertThat(batch.get("ratioToMalloc").isNull()).isTrue();
    assertThat(batch.get("bytesPerOp").asDouble()).isEqualTo(72);
    JsonNode latency = list.get(6);
    assertThat(latency.get("bytesPerOp").isNull()).isTrue();
    assertThat(latency.get("percentilesNs").get("p99.99").asLong()).isEqualTo(300_000);
  }

  @Test
  void histogramsOfAllForksAreOne() {
    Report report =
        Report.of(
            Map.of(
                new Cell(Pattern.LATENCY, Subject.CISTERN_SHARED, 1, List.of(), 0),
                List.of(latencies(100), latencies(300))));
    Row row = report.rows().getFirst();
    assertThat(row.figure()).isEqualTo(new Figure(100, 100, 8));
    assertThat(row.percentiles()).isEqualTo(new Percentiles(100, 300, 300, 300, 300, 300));
  }

  private static ForkResult latencies(long ns) {
    Histogram histogram = new Histogram(3);
    histogram.recordValue(ns);
    return new ForkResult(List.of(new Sample(0, 10_000, 8)), Optional.of(histogram));
  }
}
