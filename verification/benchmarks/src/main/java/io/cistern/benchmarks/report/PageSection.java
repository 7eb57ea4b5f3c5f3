package io.cistern.benchmarks.report;

import io.cistern.benchmarks.pattern.Pattern;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The report as a section of a Markdown page, between two markers; the rest of the page is left
 * alone.
 */
public final class PageSection {
  /** The line before the section. */
  static final String BEGIN = "<!-- cistern bench: begin -->";

  /** The line after it. */
  static final String END = "<!-- cistern bench: end -->";

  private PageSection() {}

  /**
   * Says why a page cannot take a section.
   *
   * @param page a file
   * @return what is wrong, or nothing
   */
  public static Optional<String> problem(Path page) {
    if (!Files.isRegularFile(page) || !Files.isWritable(page)) {
      return Optional.of("is no file that can be written");
    }
    try {
      String text = Files.readString(page);
      int begin = text.indexOf(BEGIN);
      return begin >= 0 && text.indexOf(END) > begin
          ? Optional.empty()
          : Optional.of("has no lines '%s' and '%s' in this order".formatted(BEGIN, END));
    } catch (IOException unreadable) {
      return Optional.of("cannot be read: " + unreadable.getMessage());
    }
  }

  /**
   * Replaces the section.
   *
   * @param page one without a {@link #problem}
   * @param report the figures
   * @param environment where they come from
   * @param how one sentence on the effort
   * @param charts where the charts are, if they were drawn
   * @throws IOException when the page cannot be written
   */
  public static void write(
      Path page, Report report, Environment environment, String how, Optional<Path> charts)
      throws IOException {
    String text = Files.readString(page);
    String section = String.join("\n", lines(page, report, environment, how, charts));
    Files.writeString(
        page,
        text.substring(0, text.indexOf(BEGIN) + BEGIN.length())
            + "\n"
            + section
            + "\n"
            + text.substring(text.indexOf(END)));
  }

  private static List<String> lines(
      Path page, Report report, Environment environment, String how, Optional<Path> charts) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    environment.lines().forEach(line -> lines.add("- " + line.replaceFirst("  +", ": ")));
    lines.add("- " + how);
    environment.warning().ifPresent(warning -> lines.add("- **" + warning + "**"));
    for (Pattern pattern : report.patterns()) {
      lines.add("");
      lines.add("### `" + pattern.id() + "`");
      lines.add("");
      lines.add(capital(pattern.description()) + ".");
      charts.ifPresent(folder -> lines.addAll(image(page, folder, pattern)));
      lines.addAll(tables(report, pattern));
    }
    lines.add("");
    return lines;
  }

  private static List<String> image(Path page, Path folder, Pattern pattern) {
    Path from = page.toAbsolutePath().normalize().getParent();
    Path file = Charts.file(folder, pattern).toAbsolutePath().normalize();
    String link = from == null ? file.toString() : from.relativize(file).toString();
    return List.of("", "![%s](%s)".formatted(pattern.id(), link));
  }

  private static List<String> tables(Report report, Pattern pattern) {
    List<String> lines = new ArrayList<>();
    String group = "";
    for (Row row : report.rowsOf(pattern)) {
      if (!group.equals(Columns.group(row))) {
        group = Columns.group(row);
        lines.add("");
        lines.add(titles(group, row));
        lines.add(rule(lines.getLast()));
      }
      lines.add(cells(report, row));
    }
    return lines;
  }

  private static String titles(String group, Row row) {
    List<String> titles = new ArrayList<>(Columns.TITLES);
    titles.set(0, group);
    Percentiles percentiles = row.percentiles();
    if (percentiles != null) {
      titles.addAll(percentiles.byName().sequencedKeySet());
    }
    return bar(titles);
  }

  private static String rule(String titles) {
    long columns = titles.chars().filter(sign -> sign == '|').count() - 1;
    return "|---|" + "---:|".repeat((int) columns - 1);
  }

  private static String cells(Report report, Row row) {
    List<String> cells = new ArrayList<>(Columns.of(report, row));
    cells.set(0, "`" + cells.getFirst() + "`");
    Percentiles percentiles = row.percentiles();
    if (percentiles != null) {
      percentiles.byName().sequencedValues().forEach(value -> cells.add(Columns.number(value)));
    }
    return bar(cells);
  }

  private static String bar(List<String> cells) {
    return cells.stream().collect(Collectors.joining(" | ", "| ", " |"));
  }

  private static String capital(String phrase) {
    return Character.toUpperCase(phrase.charAt(0)) + phrase.substring(1);
  }
}
