package io.cistern.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The dashboard, the alert rules and the page of metrics name what a real scrape of real pools has,
 * and nothing else. Time budget: 5 s.
 */
@Timeout(60)
class DashboardTest {
  private static final Pattern VARIABLE = Pattern.compile("\\{\\{ *(?:\\$labels\\.)?([a-z]+)");
  private static final Pattern NAME = Pattern.compile("`(cistern_[a-z0-9_]+)");
  private static final int COLUMNS = 24;

  private static Exposition exposition = Exposition.of(Set.of());

  @BeforeAll
  static void scrapeRealPools() throws Exception {
    try (Rig rig = new Rig().busy();
        MetricsServer server = MetricsServer.start(rig.manager, 0)) {
      exposition = Exposition.of(Scrape.of(server.uri()).keySet());
    }
  }

  private static JsonNode dashboard() throws Exception {
    return JsonMapper.shared().readTree(Files.readString(Path.of("grafana-dashboard.json")));
  }

  private static List<JsonNode> panels() throws Exception {
    return dashboard().get("panels").valueStream().toList();
  }

  private static List<JsonNode> rules() throws Exception {
    return new YAMLMapper()
        .readTree(Files.readString(Path.of("alerts.yml")))
        .get("groups")
        .valueStream()
        .flatMap(group -> group.get("rules").valueStream())
        .toList();
  }

  /** What is wrong with an expression, and with the labels that its text shows. */
  private static List<String> wrong(String expression, String text) {
    Promql query = Promql.of(expression);
    List<String> wrong = new ArrayList<>();
    if (query.selectors().isEmpty()) {
      wrong.add("nothing is read");
    }
    for (Promql.Selector selector : query.selectors()) {
      wrong.addAll(wrong(selector));
      query.groups().stream()
          .filter(label -> !exposition.hasLabel(selector.metric(), label))
          .forEach(label -> wrong.add("by (" + label + ") of " + selector.metric()));
    }
    Matcher shown = VARIABLE.matcher(text);
    while (shown.find()) {
      String label = shown.group(1);
      boolean kept =
          query.groups().contains(label)
              || (query.groups().isEmpty()
                  && query.selectors().stream()
                      .allMatch(selector -> exposition.hasLabel(selector.metric(), label)));
      if (!kept) {
        wrong.add("the text shows " + label);
      }
    }
    return wrong;
  }

  private static List<String> wrong(Promql.Selector selector) {
    String metric = selector.metric();
    if (!exposition.names().contains(metric)) {
      return List.of("there is no " + metric);
    }
    List<String> wrong = new ArrayList<>();
    selector
        .labels()
        .forEach((label, value) -> {
          if (!exposition.hasLabel(metric, label)) {
            wrong.add(metric + " has no label " + label);
          } else if (!exposition.hasValue(metric, label, value)) {
            wrong.add("no %s has %s=%s".formatted(metric, label, value));
          }
        });
    boolean rated = Set.of("rate", "increase").contains(selector.function());
    if (Exposition.isCounter(metric) != rated) {
      wrong.add(metric + (rated ? " is no counter" : " is a counter: its rate is wanted"));
    }
    return wrong;
  }

  @Test
  void everyPanelAsksForWhatThereIs() throws Exception {
    int asked = 0;
    for (JsonNode panel : panels()) {
      for (JsonNode target : panel.path("targets")) {
        String expression = target.get("expr").asString();
        assertThat(wrong(expression, target.get("legendFormat").asString()))
            .as(panel.get("title").asString() + ": " + expression)
            .isEmpty();
        assertThat(target.get("datasource").get("uid").asString()).isEqualTo("${datasource}");
        asked++;
      }
    }
    assertThat(asked).isGreaterThan(30);
    for (JsonNode variable : dashboard().get("templating").get("list")) {
      if (variable.get("type").asString().equals("query")) {
        Promql query = Promql.of(variable.get("query").get("query").asString());
        String name = variable.get("name").asString();
        assertThat(exposition.hasLabel(query.selectors().getFirst().metric(), name)).isTrue();
      }
    }
  }

  @Test
  void everyRuleAsksForWhatThereIs() throws Exception {
    List<JsonNode> rules = rules();
    assertThat(rules).hasSizeGreaterThan(10);
    for (JsonNode rule : rules) {
      String expression = rule.get("expr").asString();
      String text =
          rule.get("annotations").get("summary").asString()
              + rule.get("annotations").get("description").asString();
      assertThat(wrong(expression, text.replace("{{ $value", "")))
          .as(rule.get("alert").asString() + ": " + expression)
          .isEmpty();
      assertThat(rule.get("labels").get("severity").asString()).isIn("warning", "critical");
    }
    assertThat(rules.stream().map(rule -> rule.get("alert").asString())).doesNotHaveDuplicates();
  }

  @Test
  void whatThereIsNotIsSeen() {
    assertThat(wrong("sum by (pool) (cistern_pool_used_bytes{pool=~\"$pool\"})", "{{pool}}"))
        .isEmpty();
    assertThat(wrong("cistern_pool_usage_bytes", ""))
        .containsExactly("there is no cistern_pool_usage_bytes");
    assertThat(wrong("sum by (tier) (cistern_pool_used_bytes)", "{{pool}}"))
        .containsExactly("by (tier) of cistern_pool_used_bytes", "the text shows pool");
    assertThat(wrong("cistern_pool_latency_p50_seconds{operation=\"take\"}", ""))
        .containsExactly("no cistern_pool_latency_p50_seconds has operation=take");
    assertThat(wrong("cistern_pressure{pool=\"main\"}", ""))
        .containsExactly("cistern_pressure has no label pool");
    assertThat(wrong("cistern_pool_failed_total > 0", ""))
        .containsExactly("cistern_pool_failed_total is a counter: its rate is wanted");
    assertThat(wrong("rate(cistern_pool_used_bytes[5m])", ""))
        .containsExactly("cistern_pool_used_bytes is no counter");
    assertThat(wrong("1 + 1", "")).containsExactly("nothing is read");
  }

  @Test
  void panelsHaveUnitsAndPlacesOfTheirOwn() throws Exception {
    Set<String> places = new HashSet<>();
    Set<Integer> ids = new HashSet<>();
    for (JsonNode panel : panels()) {
      assertThat(ids.add(panel.get("id").asInt())).isTrue();
      JsonNode grid = panel.get("gridPos");
      int left = grid.get("x").asInt();
      int top = grid.get("y").asInt();
      assertThat(left + grid.get("w").asInt()).isLessThanOrEqualTo(COLUMNS);
      for (int x = left; x < left + grid.get("w").asInt(); x++) {
        for (int y = top; y < top + grid.get("h").asInt(); y++) {
          assertThat(places.add(x + "," + y)).as(panel.get("title").asString()).isTrue();
        }
      }
      String type = panel.get("type").asString();
      if (!type.equals("row") && !type.equals("state-timeline")) {
        assertThat(panel.get("fieldConfig").get("defaults").path("unit").asString()).isNotEmpty();
      }
    }
  }

  @Test
  void pageHasEveryNameAndNoOther() throws Exception {
    String page = Files.readString(Path.of("..", "..", "docs", "metrics.md"));
    Set<String> named = new TreeSet<>();
    Matcher names = NAME.matcher(page);
    while (names.find()) {
      named.add(names.group(1));
    }
    assertThat(named).isEqualTo(exposition.names());
    Stream.of("alerts.yml", "grafana-dashboard.json")
        .forEach(file -> assertThat(page).contains("observability/micrometer/" + file));
  }
}
