package io.cistern.simulator.chart;

import io.cistern.simulator.ReplayResult;
import io.cistern.simulator.Timeline;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.DatasetRenderingOrder;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYAreaRenderer;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/**
 * Live bytes and fragmentation over the operations of a trace: a chart a trace, with a line for
 * each subject that knows how fragmented it is.
 */
public final class ReplayChart {
  private static final int HEIGHT = 300;
  private static final int FRAGMENTATION = 1;
  private static final Color[] LINES = {Look.RED, Look.BLUE, Look.GREEN, Look.PURPLE, Look.ORANGE};

  private ReplayChart() {}

  /**
   * Draws all traces into one file.
   *
   * @param file to write, {@code .svg} or {@code .png}
   * @param results of one or more traces on one or more subjects
   * @throws IOException when it cannot be written
   */
  public static void write(Path file, List<ReplayResult> results) throws IOException {
    ChartFile.write(file, byTrace(results).stream().map(ReplayChart::chart).toList(), HEIGHT);
  }

  /** Results of one trace follow each other, a pool is not among them twice. */
  private static List<List<ReplayResult>> byTrace(List<ReplayResult> results) {
    List<List<ReplayResult>> groups = new ArrayList<>();
    for (ReplayResult result : results) {
      if (groups.isEmpty() || !belongs(result, groups.getLast())) {
        groups.add(new ArrayList<>());
      }
      groups.getLast().add(result);
    }
    return groups;
  }

  private static boolean belongs(ReplayResult result, List<ReplayResult> group) {
    return group.getFirst().trace().equals(result.trace())
        && group.stream().noneMatch(other -> other.pool().equals(result.pool()));
  }

  private static JFreeChart chart(List<ReplayResult> results) {
    ReplayResult first = results.getFirst();
    NumberAxis operations = new NumberAxis("operations");
    operations.setNumberFormatOverride(Look.counts());
    XYPlot plot =
        new XYPlot(
            live(first.timeline()),
            operations,
            Look.bytes("live bytes"),
            new XYAreaRenderer(XYAreaRenderer.AREA));
    JFreeChart chart = new JFreeChart(title(first), JFreeChart.DEFAULT_TITLE_FONT, plot, true);
    Look.apply(chart);
    plot.getRenderer().setSeriesPaint(0, Look.PALE_BLUE);
    plot.setDatasetRenderingOrder(DatasetRenderingOrder.FORWARD);
    addFragmentation(plot, results);
    return chart;
  }

  private static String title(ReplayResult result) {
    return String.format(
        Locale.ROOT,
        "%s: %,d operations, peak %,d B",
        result.trace(),
        result.operations(),
        result.peakLiveBytes());
  }

  private static XYSeriesCollection live(Timeline timeline) {
    XYSeries series = new XYSeries("live bytes");
    for (Timeline.Sample sample : timeline.samples()) {
      series.add(sample.operations(), (double) sample.liveBytes());
    }
    return new XYSeriesCollection(series);
  }

  private static void addFragmentation(XYPlot plot, List<ReplayResult> results) {
    XYSeriesCollection lines = new XYSeriesCollection();
    XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, false);
    for (ReplayResult result : results) {
      if (!Double.isNaN(result.timeline().meanFragmentation())) {
        int line = lines.getSeriesCount();
        lines.addSeries(fragmentation(result));
        renderer.setSeriesPaint(line, LINES[line % LINES.length]);
        renderer.setSeriesStroke(line, new BasicStroke(1.5f));
      }
    }
    if (lines.getSeriesCount() > 0) {
      NumberAxis axis = new NumberAxis("fragmentation");
      axis.setNumberFormatOverride(Look.percent());
      axis.setRange(0, 1);
      axis.setLabelFont(plot.getRangeAxis().getLabelFont());
      axis.setTickLabelFont(plot.getRangeAxis().getTickLabelFont());
      plot.setRangeAxis(FRAGMENTATION, axis);
      plot.setDataset(FRAGMENTATION, lines);
      plot.setRenderer(FRAGMENTATION, renderer);
      plot.mapDatasetToRangeAxis(FRAGMENTATION, FRAGMENTATION);
    }
  }

  private static XYSeries fragmentation(ReplayResult result) {
    String kind = result.pool().startsWith("tiers:") ? "internal" : "external";
    XYSeries series = new XYSeries("%s fragmentation, %s".formatted(kind, result.pool()));
    for (Timeline.Sample sample : result.timeline().samples()) {
      series.add(sample.operations(), sample.fragmentation());
    }
    return series;
  }
}
