package io.cistern.simulator.chart;

import io.cistern.simulator.tune.TierUse;
import io.cistern.simulator.tune.Tuning;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jfree.chart.ChartFactory;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.AxisLocation;
import org.jfree.chart.plot.CategoryPlot;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.renderer.category.StackedBarRenderer;
import org.jfree.chart.renderer.category.StandardBarPainter;
import org.jfree.data.category.DefaultCategoryDataset;

/**
 * The waste of each tier: a bar a tier, of what was asked for, what is lost in its used blocks and
 * what is idle, at the moment at which the most bytes are live.
 */
public final class TuneChart {
  private static final int FRAME = 130;
  private static final int BAR = 22;
  private static final Color[] COLOURS = {Look.BLUE, Look.ORANGE, Look.LIGHT};

  private TuneChart() {}

  /**
   * Draws the tiers.
   *
   * @param file to write, {@code .svg} or {@code .png}
   * @param title of the chart
   * @param tuning what was found
   * @throws IOException when it cannot be written
   */
  public static void write(Path file, String title, Tuning tuning) throws IOException {
    int height = FRAME + BAR * tuning.uses().size();
    ChartFile.write(file, List.of(chart(title, tuning)), height);
  }

  private static JFreeChart chart(String title, Tuning tuning) {
    JFreeChart chart =
        ChartFactory.createStackedBarChart(
            title, null, null, data(tuning), PlotOrientation.HORIZONTAL, true, false, false);
    CategoryPlot plot = chart.getCategoryPlot();
    plot.setRangeAxis(Look.bytes("memory of the tier when the most bytes are live"));
    plot.setRangeAxisLocation(AxisLocation.BOTTOM_OR_RIGHT);
    Look.apply(chart);
    StackedBarRenderer bars = (StackedBarRenderer) plot.getRenderer();
    bars.setBarPainter(new StandardBarPainter());
    bars.setShadowVisible(false);
    for (int i = 0; i < COLOURS.length; i++) {
      bars.setSeriesPaint(i, COLOURS[i]);
    }
    return chart;
  }

  private static DefaultCategoryDataset data(Tuning tuning) {
    DefaultCategoryDataset data = new DefaultCategoryDataset();
    for (TierUse use : tuning.uses()) {
      String tier = String.format(Locale.ROOT, "%,d × %,d B", use.count(), use.blockSizeBytes());
      data.addValue((double) use.askedBytes(), "asked for", tier);
      data.addValue((double) use.wastedBytes(), "lost in used blocks", tier);
      data.addValue((double) use.idleBytes(), "free blocks", tier);
    }
    return data;
  }
}
