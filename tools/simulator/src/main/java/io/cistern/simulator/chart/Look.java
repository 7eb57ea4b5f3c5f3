package io.cistern.simulator.chart;

import java.awt.Color;
import java.awt.Font;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.text.FieldPosition;
import java.text.NumberFormat;
import java.text.ParsePosition;
import java.util.Locale;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.StandardChartTheme;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.TickUnits;

/** What all charts have in common: colours, fonts, and how bytes are written on an axis. */
final class Look {
  private static final Color GRID = new Color(0xd0d7de);
  private static final float TITLE_POINTS = 13;

  /** Told apart by people who do not see all colours too (Okabe and Ito). */
  static final Color BLUE = new Color(0x0072b2);

  static final Color ORANGE = new Color(0xe69f00);
  static final Color GREEN = new Color(0x009e73);
  static final Color PURPLE = new Color(0xcc79a7);
  static final Color RED = new Color(0xd55e00);
  static final Color PALE_BLUE = new Color(0xbfdcf0);
  static final Color LIGHT = new Color(0xe3e7eb);

  private Look() {}

  static void apply(JFreeChart chart) {
    StandardChartTheme theme = new StandardChartTheme("plain");
    theme.setPlotBackgroundPaint(Color.WHITE);
    theme.setRangeGridlinePaint(GRID);
    theme.setDomainGridlinePaint(GRID);
    theme.setExtraLargeFont(theme.getLargeFont().deriveFont(Font.BOLD, TITLE_POINTS));
    theme.setLargeFont(theme.getRegularFont());
    theme.setRegularFont(theme.getSmallFont());
    theme.apply(chart);
  }

  /** Whole numbers with their thousands apart. */
  static NumberFormat counts() {
    return NumberFormat.getIntegerInstance(Locale.ROOT);
  }

  /** Shares of 1 as percent. */
  static NumberFormat percent() {
    return new DecimalFormat("0 %", DecimalFormatSymbols.getInstance(Locale.ROOT));
  }

  /** An axis from 0 with ticks at round numbers of bytes, KiB, MiB or GiB. */
  static NumberAxis bytes(String label) {
    NumberAxis axis = new NumberAxis(label);
    TickUnits units = new TickUnits();
    for (long unit = 1; unit <= 1L << 40; unit <<= 10) {
      for (int step = 1; step < 1024; step *= 2) {
        units.add(new NumberTickUnit((double) unit * step, new Bytes()));
      }
    }
    axis.setStandardTickUnits(units);
    axis.setAutoRangeIncludesZero(true);
    return axis;
  }

  /** Bytes with their unit: {@code 1.5 MiB}. */
  private static final class Bytes extends NumberFormat {
    private static final long serialVersionUID = 1L;
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    private final DecimalFormat number =
        new DecimalFormat("0.##", DecimalFormatSymbols.getInstance(Locale.ROOT));

    @Override
    public StringBuffer format(double bytes, StringBuffer to, FieldPosition position) {
      double value = bytes;
      int unit = 0;
      while (value >= 1024 && unit < UNITS.length - 1) {
        value /= 1024;
        unit++;
      }
      return to.append(number.format(value)).append(' ').append(UNITS[unit]);
    }

    @Override
    public StringBuffer format(long bytes, StringBuffer to, FieldPosition position) {
      return format((double) bytes, to, position);
    }

    @Override
    public Number parse(String text, ParsePosition position) {
      return number.parse(text, position);
    }
  }
}
