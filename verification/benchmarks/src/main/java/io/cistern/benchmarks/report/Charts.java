package io.cistern.benchmarks.report;

import io.cistern.benchmarks.pattern.Pattern;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.NumberFormat;
import java.util.Locale;
import org.jfree.chart.ChartFactory;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.StandardChartTheme;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.labels.StandardCategoryItemLabelGenerator;
import org.jfree.chart.plot.CategoryPlot;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.renderer.category.BarRenderer;
import org.jfree.chart.renderer.category.StandardBarPainter;
import org.jfree.data.category.CategoryDataset;
import org.jfree.data.category.DefaultCategoryDataset;
import org.jfree.svg.SVGGraphics2D;

/**
 * One chart a pattern, as SVG: a bar for each subject and number of threads, or of latencies a line
 * through the percentiles. Nanoseconds are on a logarithmic scale, since subjects lie up to three
 * orders of magnitude apart.
 */
public final class Charts {
  private static final int WIDTH = 900;
  private static final int FRAME_HEIGHT = 150;
  private static final int BAR_HEIGHT = 13;
  private static final int LINES_HEIGHT = 520;
  private static final String UNIT = "nanoseconds an operation, logarithmic";
  private static final Color GRID = new Color(0xd0d7de);
  private static final NumberFormat LABELS = NumberFormat.getIntegerInstance(Locale.ROOT);
  private static final NumberTickUnit DECADES = new NumberTickUnit(1, LABELS, 9);
  private static final float LABEL_POINTS = 9;
  private static final float TITLE_POINTS = 13;
  private static final double ROOM_FOR_LABELS = 5;

  /** Told apart by people who do not see all colours too (Okabe and Ito). */
  private static final Color[] COLOURS = {
    new Color(0x0072b2), new Color(0xe69f00), new Color(0x009e73), new Color(0xcc79a7),
    new Color(0x56b4e9), new Color(0xd55e00), new Color(0xf0e442), new Color(0x000000)
  };

  private Charts() {}

  /**
   * Draws all charts of a report.
   *
   * @param folder where they go; made if need be
   * @param report the figures
   * @throws IOException when they cannot be written
   */
  public static void write(Path folder, Report report) throws IOException {
    Files.createDirectories(folder);
    for (Pattern pattern : report.patterns()) {
      Files.writeString(file(folder, pattern), svg(pattern, report));
    }
  }

  /** Where a pattern's chart is. */
  static Path file(Path folder, Pattern pattern) {
    return folder.resolve(pattern.id() + ".svg");
  }

  private static String svg(Pattern pattern, Report report) {
    CategoryDataset data = data(pattern, report);
    JFreeChart chart = pattern == Pattern.LATENCY ? lines(pattern, data) : bars(pattern, data);
    int height =
        pattern == Pattern.LATENCY
            ? LINES_HEIGHT
            : FRAME_HEIGHT + BAR_HEIGHT * (1 + data.getRowCount()) * data.getColumnCount();
    SVGGraphics2D svg = new SVGGraphics2D(WIDTH, height);
    svg.setDefsKeyPrefix(pattern.id()); // else random, and two runs of one report would differ
    chart.draw(svg, new Rectangle2D.Double(0, 0, WIDTH, height));
    return svg.getSVGDocument() + "\n";
  }

  private static CategoryDataset data(Pattern pattern, Report report) {
    DefaultCategoryDataset data = new DefaultCategoryDataset();
    for (Row row : report.rowsOf(pattern)) {
      Percentiles percentiles = row.percentiles();
      if (percentiles != null) {
        percentiles.byName().forEach((name, ns) -> data.addValue(ns, row.subject().id(), name));
      } else {
        data.addValue(row.figure().nsPerOp(), Columns.threads(row.threads()), label(row));
      }
    }
    return data;
  }

  private static String label(Row row) {
    String subject = row.subject().id();
    return row.blocks() == 0 ? subject : "%s, %,d blocks".formatted(subject, row.blocks());
  }

  private static JFreeChart bars(Pattern pattern, CategoryDataset data) {
    JFreeChart chart =
        ChartFactory.createBarChart(
            title(pattern), null, UNIT, data, PlotOrientation.HORIZONTAL, true, false, false);
    CategoryPlot plot = style(chart);
    BarRenderer bars = (BarRenderer) plot.getRenderer();
    bars.setBarPainter(new StandardBarPainter());
    bars.setShadowVisible(false);
    bars.setItemMargin(0);
    bars.setBase(plot.getRangeAxis().getLowerBound());
    bars.setDefaultItemLabelGenerator(new StandardCategoryItemLabelGenerator("{2}", LABELS));
    bars.setDefaultItemLabelFont(bars.getDefaultItemLabelFont().deriveFont(LABEL_POINTS));
    bars.setDefaultItemLabelsVisible(true);
    return chart;
  }

  private static JFreeChart lines(Pattern pattern, CategoryDataset data) {
    JFreeChart chart = ChartFactory.createLineChart(title(pattern), null, UNIT, data);
    CategoryPlot plot = style(chart);
    for (int row = 0; row < data.getRowCount(); row++) {
      boolean ours = String.valueOf(data.getRowKey(row)).startsWith("cistern");
      plot.getRenderer().setSeriesStroke(row, new BasicStroke(ours ? 3 : 1.5f));
    }
    return chart;
  }

  private static String title(Pattern pattern) {
    return pattern.id() + ": " + pattern.description();
  }

  private static CategoryPlot style(JFreeChart chart) {
    StandardChartTheme theme = new StandardChartTheme("plain");
    theme.setPlotBackgroundPaint(Color.WHITE);
    theme.setRangeGridlinePaint(GRID);
    theme.setExtraLargeFont(theme.getLargeFont().deriveFont(Font.BOLD, TITLE_POINTS));
    theme.apply(chart);
    CategoryPlot plot = chart.getCategoryPlot();
    LogAxis axis = new LogAxis(UNIT);
    axis.setLabelFont(theme.getRegularFont());
    axis.setTickLabelFont(theme.getSmallFont());
    axis.setTickUnit(DECADES);
    axis.setSmallestValue(1);
    plot.setRangeAxis(axis);
    axis.setLowerBound(1);
    axis.setUpperBound(axis.getUpperBound() * ROOM_FOR_LABELS);
    for (int row = 0; row < plot.getDataset().getRowCount(); row++) {
      plot.getRenderer().setSeriesPaint(row, COLOURS[row % COLOURS.length]);
    }
    return plot;
  }
}
