package io.cistern.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The page in a real Chromium. Budget: 60 s, most of it the browser's start. */
@Timeout(90)
class PageTest {
  private static Chromium chromium;

  private final Rig rig = new Rig(200).hold();
  private final List<String> problems = new ArrayList<>();
  private final List<String> requests = new ArrayList<>();

  @BeforeAll
  static void launch() {
    chromium = new Chromium();
  }

  @AfterAll
  static void quit() {
    if (chromium != null) { // else there is none, and all is skipped
      chromium.close();
    }
  }

  @AfterEach
  void nothingWentWrong() {
    rig.close();
    assertThat(problems).isEmpty();
  }

  private Page open(Dashboard dashboard, int width, int height, ColorScheme scheme) {
    BrowserContext context =
        chromium
            .browser()
            .newContext(
                new Browser.NewContextOptions()
                    .setViewportSize(width, height)
                    .setColorScheme(scheme));
    Page page = context.newPage();
    page.onPageError(problems::add);
    page.onConsoleMessage(message -> {
      if (message.type().equals("error")) {
        problems.add(message.text());
      }
    });
    page.onRequest(request -> requests.add(request.url()));
    page.navigate(dashboard.address().toString());
    page.waitForCondition(() -> sequence(page) > 0);
    return page;
  }

  private static int sequence(Page page) {
    return ((Number) page.evaluate("window.cistern.sequence")).intValue();
  }

  private static void waitForNextSnapshots(Page page) {
    int now = sequence(page);
    page.waitForCondition(() -> sequence(page) > now + 1);
  }

  @ParameterizedTest
  @CsvSource({"1600, 1000, LIGHT", "1600, 1000, DARK", "390, 844, LIGHT", "390, 844, DARK"})
  void everyFigureOnThePageIsTheManagers(int width, int height, ColorScheme scheme)
      throws IOException {
    rig.use(2);
    try (Dashboard dashboard = Dashboard.start(rig.manager)) {
      Page page = open(dashboard, width, height, scheme);
      page.locator("#figures details").all().forEach(group -> group.locator("summary").click());
      rig.quiet();
      waitForNextSnapshots(page);
      Map<String, String> is = figures(Json.MAPPER.valueToTree(rig.manager.stats()));
      assertThat(shown(page)).isEqualTo(is).hasSizeGreaterThan(200);
      assertThat(backgroundIsDark(page)).isEqualTo(scheme == ColorScheme.DARK);
      assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(width);
      page.screenshot(
          new Page.ScreenshotOptions()
              .setPath(Path.of("target", "page-%d-%s.png".formatted(width, scheme))));
      assertThat(requests).allMatch(url -> url.startsWith(dashboard.address().toString()));
      page.context().close();
    }
  }

  private static boolean backgroundIsDark(Page page) {
    String colour =
        (String) page.evaluate("getComputedStyle(document.documentElement).backgroundColor");
    return colour.equals("rgb(14, 19, 24)");
  }

  /** What stands on the page, by name; all places where a figure stands must say the same. */
  private static Map<String, String> shown(Page page) {
    @SuppressWarnings("unchecked") // by the expression
    List<List<String>> all =
        (List<List<String>>)
            page.evaluate(
                "[...document.querySelectorAll('[data-figure]')].map(e => [e.dataset.figure, e.textContent])");
    Map<String, String> shown = new TreeMap<>();
    for (List<String> figure : all) {
      String other = shown.put(figure.get(0), figure.get(1).replace(",", ""));
      assertThat(other == null || other.equals(figure.get(1).replace(",", ""))).isTrue();
    }
    shown.remove("timeMillis");
    return shown;
  }

  /** Every figure of a snapshot, named as the page names it. */
  private static Map<String, String> figures(JsonNode stats) {
    Map<String, String> figures = new TreeMap<>();
    flatten(stats, "", figures);
    figures.remove("timeMillis");
    return figures;
  }

  private static void flatten(JsonNode node, String path, Map<String, String> into) {
    if (node.isObject()) {
      node.properties()
          .forEach(entry ->
              flatten(
                  entry.getValue(),
                  path.isEmpty() ? entry.getKey() : path + "." + entry.getKey(),
                  into));
    } else if (node.isArray()) {
      for (int at = 0; at < node.size(); at++) {
        flatten(node.get(at), path + "." + key(node.get(at), at), into);
      }
    } else {
      into.put(path, node.isNull() ? "none" : text(node));
    }
  }

  private static String key(JsonNode item, int at) {
    for (String name : List.of("pool", "blockSizeBytes", "path", "name")) {
      if (item.has(name)) {
        return item.get(name).asString();
      }
    }
    return String.valueOf(at);
  }

  /** Numbers as JavaScript has them. */
  private static String text(JsonNode value) {
    return value.isNumber()
        ? new java.math.BigDecimal(value.asString()).stripTrailingZeros().toPlainString()
        : value.asString();
  }

  @Test
  void theLastThingThatAPageShowsIsTheEnd() throws IOException {
    rig.use(2);
    Dashboard dashboard = Dashboard.start(rig.manager);
    Page page = open(dashboard, 1600, 1000, ColorScheme.LIGHT);
    rig.quiet();
    dashboard.close();
    page.waitForCondition(() -> page.locator("#link").textContent().equals("reconnecting"));
    assertThat(shown(page)).isEqualTo(figures(Json.MAPPER.valueToTree(rig.manager.stats())));
    page.context().close();
    problems.removeIf(problem -> problem.contains("ERR_CONNECTION_REFUSED"));
  }

  @Test
  void worksByKeyboardAlone() throws IOException {
    try (Dashboard dashboard = Dashboard.builder(rig.manager).commands(true).start()) {
      Page page = open(dashboard, 1600, 1000, ColorScheme.LIGHT);
      List<String> stops = new ArrayList<>();
      page.keyboard().press("Tab");
      while (!(boolean) page.evaluate("document.activeElement === document.body")) {
        stops.add(
            (String)
                page.evaluate("document.activeElement.id || document.activeElement.className"));
        assertThat((String) page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
            .as("the focus on %s can be seen", stops.getLast())
            .isNotEqualTo("none");
        page.keyboard().press("Tab");
      }
      assertThat(stops)
          .containsSequence(
              "skip",
              "pause",
              "theme",
              "trim",
              "dump",
              "verify",
              "map-pool",
              "map-colour",
              "map-canvas",
              "leak-pool")
          .contains("leak-age", "leak-now", "leak-rows", "event-rows");
      chooseABlock(page);
      verify(page);
      page.context().close();
    }
  }

  private static void chooseABlock(Page page) {
    page.locator("#map-canvas").focus();
    page.keyboard().press("Home");
    Locator state = page.locator("[data-block=state]");
    page.waitForCondition(() -> state.count() == 1 && state.textContent().equals("pinned"));
    page.keyboard().press("ArrowRight");
    page.waitForCondition(() -> page.locator("[data-block=block]").textContent().equals("1"));
    assertThat(state.textContent()).isEqualTo("used");
    assertThat(page.locator("[data-block=label]").textContent()).isEqualTo("session");
    page.keyboard().press("End");
    page.waitForCondition(() -> page.locator("[data-block=block]").textContent().equals("324"));
  }

  private static void verify(Page page) {
    page.locator("#verify").focus();
    page.keyboard().press("Enter");
    page.waitForCondition(
        () -> page.locator("#result-text").textContent().startsWith("Everything is in order"));
    page.keyboard().press("Escape");
    assertThat(page.locator("#result").isVisible()).isFalse();
  }

  @Test
  void aClickOnABlockTellsItsLabelAgeAndStack() throws IOException {
    try (Dashboard dashboard = Dashboard.start(rig.manager)) {
      Page page = open(dashboard, 1600, 1000, ColorScheme.LIGHT);
      page.locator("#map-pool").selectOption("checked");
      page.waitForCondition(() ->
          page.locator("#map-canvas").getAttribute("aria-label").startsWith("Map of pool checked"));
      page.locator("#map-canvas").click(new Locator.ClickOptions().setPosition(26, 24));
      Locator stack = page.locator("[data-block=stack]");
      page.waitForCondition(() -> stack.count() == 1);
      assertThat(stack.textContent()).contains("Rig.hold");
      page.locator("#dump").click();
      page.waitForCondition(
          () -> page.locator("#result-text").textContent().contains("pool 'checked'"));
      page.context().close();
    }
  }

  @Test
  void theThemeIsChosenAndKept() throws IOException {
    try (Dashboard dashboard = Dashboard.start(rig.manager)) {
      Page page = open(dashboard, 1600, 1000, ColorScheme.LIGHT);
      page.locator("#theme").click();
      page.locator("#theme").click();
      assertThat(backgroundIsDark(page)).isTrue();
      page.reload();
      assertThat(backgroundIsDark(page)).isTrue();
      page.context().close();
    }
  }

  @Test
  void aTokenIsAskedFor() throws IOException {
    try (Dashboard dashboard =
        Dashboard.builder(rig.manager).token("correct horse battery").start()) {
      BrowserContext context = chromium.browser().newContext();
      Page page = context.newPage();
      page.navigate(dashboard.address().toString());
      page.locator("#login-token").fill("wrong");
      page.keyboard().press("Enter");
      page.waitForCondition(() -> page.locator("#login-wrong").textContent().equals("wrong token"));
      page.locator("#login-token").fill("correct horse battery");
      page.keyboard().press("Enter");
      page.waitForCondition(() -> sequence(page) > 0);
      context.close();
    }
  }

  /** The limit leaves room for a busy machine; the figures are printed. */
  @Test
  void aHundredThousandBlocksStaySmooth() throws IOException {
    try (PoolManager manager =
            PoolManager.builder()
                .pool("main", MemoryPool.builder().tier(64, 100_000, "small"))
                .build();
        Dashboard dashboard = Dashboard.start(manager)) {
      MemoryPool pool = manager.pool("main");
      List<Long> handles = new ArrayList<>();
      for (int i = 0; i < 60_000; i++) {
        handles.add(pool.allocateHandle(64));
      }
      Page page = open(dashboard, 1600, 1000, ColorScheme.DARK);
      for (int round = 0; round < 6; round++) {
        handles.subList(round * 5000, round * 5000 + 5000).forEach(pool::free);
        waitForNextSnapshots(page);
      }
      Map<?, ?> drawn = (Map<?, ?>) page.evaluate("({...window.cistern.map})");
      System.out.println("a map of 100,000 blocks in Chromium: " + drawn);
      assertThat(drawn.get("cells")).isEqualTo(100_000);
      assertThat(((Number) Objects.requireNonNull(drawn.get("last"))).doubleValue())
          .isLessThan(200);
      assertThat(page.locator("#map-legend").textContent()).contains("free 70,000");
      page.context().close();
      handles.subList(30_000, 60_000).forEach(pool::free);
    }
  }

  @Test
  void killingTheBrowserChangesNothing() throws IOException {
    rig.use(2);
    try (Dashboard dashboard = Dashboard.start(rig.manager);
        Chromium other = new Chromium()) {
      Page page = other.browser().newPage();
      page.navigate(dashboard.address().toString());
      page.waitForCondition(() -> sequence(page) > 2);
      other.kill();
      await().atMost(Duration.ofSeconds(20)).until(() -> dashboard.clients() == 0);
      long before = rig.manager.stats().pools().getFirst().allocations();
      await().until(() -> rig.manager.stats().pools().getFirst().allocations() > before + 100);
      Page next = open(dashboard, 1600, 1000, ColorScheme.LIGHT);
      assertThat(next.locator("#link").textContent()).isEqualTo("live");
      next.context().close();
    }
    rig.quiet();
    assertThat(
            rig.manager.verify().stream()
                .flatMap(report -> report.findings().stream())
                .collect(Collectors.toList()))
        .isEmpty();
  }
}
