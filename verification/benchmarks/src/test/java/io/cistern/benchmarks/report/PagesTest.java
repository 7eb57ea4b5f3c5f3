package io.cistern.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.benchmarks.pattern.Pattern;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/** The section of a page, and the charts. Time budget: 5 s. */
class PagesTest {
  private static final Environment NOISY =
      new Environment("a machine, 2 cores", "a system", "a JVM", List.of("peer 1.0"), 99);

  @TempDir private Path folder;

  private Path page(String text) throws IOException {
    return Files.writeString(folder.resolve("performance.md"), text);
  }

  @Test
  void onlyTheSectionIsRewrittenAndTwiceIsAsGoodAsOnce() throws IOException {
    Path page = page("head\n" + PageSection.BEGIN + "\nold\n" + PageSection.END + "\ntail\n");
    Path charts = folder.resolve("images").resolve("bench");
    PageSection.write(page, Reports.ALL, NOISY, "medians", Optional.of(charts));
    String once = Files.readString(page);
    assertThat(once)
        .startsWith("head\n" + PageSection.BEGIN + "\n")
        .endsWith(PageSection.END + "\ntail\n")
        .doesNotContain("old")
        .contains("a machine, 2 cores")
        .contains("peer 1.0")
        .contains("the machine is not quiet: load average 99.0")
        .contains("### `pair`")
        .contains("![pair](images/bench/pair.svg)")
        .contains("| pair, 1 thread | ns/op | ± | at 1 KB | B/op | × malloc | × best peer |\n|---|")
        .contains("| `cistern-shared` | 9.1 | 0.1 | 9.1 | 0 | 0.70 | 0.70 |")
        .contains("| `arrow` | 151 |")
        .contains("| 4,000,000 |");
    PageSection.write(page, Reports.ALL, NOISY, "medians", Optional.of(charts));
    assertThat(page).hasContent(once);
  }

  @Test
  void everyTableIsAsWideAsItsTitles() throws IOException {
    Path page = page(PageSection.BEGIN + "\n" + PageSection.END);
    PageSection.write(page, Reports.ALL, NOISY, "medians", Optional.empty());
    long width = 0;
    for (String line : Files.readAllLines(page)) {
      long bars = line.chars().filter(sign -> sign == '|').count();
      assertThat(width == 0 || bars == 0 || bars == width).as(line).isTrue();
      width = bars;
    }
    assertThat(Files.readString(page)).doesNotContain("![");
  }

  @Test
  void aPageThatCannotTakeTheSectionIsRefused() throws IOException {
    assertThat(PageSection.problem(folder.resolve("none.md")))
        .contains("is no file that can be written");
    assertThat(PageSection.problem(page(PageSection.END + PageSection.BEGIN)).orElseThrow())
        .contains("'" + PageSection.BEGIN + "'", "in this order");
    assertThat(PageSection.problem(page(PageSection.BEGIN + PageSection.END))).isEmpty();
  }

  @Test
  void everyPatternHasAChartThatNamesItsSubjects() throws Exception {
    Path charts = folder.resolve("deep").resolve("charts");
    Charts.write(charts, Reports.ALL);
    for (Pattern pattern : Reports.ALL.patterns()) {
      Document svg = parse(Charts.file(charts, pattern));
      assertThat(svg.getDocumentElement().getTagName()).isEqualTo("svg");
      String text = svg.getDocumentElement().getTextContent();
      for (Row row : Reports.ALL.rowsOf(pattern)) {
        assertThat(text).contains(row.subject().id());
      }
    }
    assertThat(charts).isDirectoryNotContaining(file -> !file.toString().endsWith(".svg"));
  }

  @Test
  void aReportIsDrawnTheSameEachTime() throws IOException {
    Charts.write(folder.resolve("one"), Reports.ALL);
    Charts.write(folder.resolve("two"), Reports.ALL);
    assertThat(folder.resolve("one/pair.svg"))
        .hasSameTextualContentAs(folder.resolve("two/pair.svg"));
  }

  private static Document parse(Path file) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
    return factory.newDocumentBuilder().parse(file.toFile());
  }
}
