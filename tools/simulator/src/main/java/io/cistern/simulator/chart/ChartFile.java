package io.cistern.simulator.chart;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.jfree.chart.JFreeChart;
import org.jfree.svg.SVGGraphics2D;

/**
 * Charts in one file, one below the other: as SVG, or as PNG in twice the size, by the file's name.
 * Needs no display.
 */
public final class ChartFile {
  private static final int WIDTH = 900;
  private static final int SCALE = 2;

  static {
    if (System.getProperty("java.awt.headless") == null) {
      System.setProperty("java.awt.headless", "true");
    }
  }

  private ChartFile() {}

  /**
   * Whether a chart can be written to a file of this name.
   *
   * @param file any name
   * @return true when it ends in {@code .svg} or {@code .png}
   */
  public static boolean isChart(Path file) {
    return isSvg(file) || name(file).endsWith(".png");
  }

  private static boolean isSvg(Path file) {
    return name(file).endsWith(".svg");
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
  }

  /**
   * Draws charts.
   *
   * @param charts from top to bottom
   * @param height of each, in pixels
   */
  static void write(Path file, List<JFreeChart> charts, int height) throws IOException {
    int total = Math.max(1, charts.size()) * height;
    if (isSvg(file)) {
      SVGGraphics2D svg = new SVGGraphics2D(WIDTH, total);
      svg.setDefsKeyPrefix("cistern"); // else random, and two charts of the same would differ
      draw(svg, charts, height);
      Files.writeString(file, svg.getSVGDocument() + "\n");
    } else {
      writePng(file, charts, height, total);
    }
  }

  private static void writePng(Path file, List<JFreeChart> charts, int height, int total)
      throws IOException {
    BufferedImage image =
        new BufferedImage(SCALE * WIDTH, SCALE * total, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.scale(SCALE, SCALE);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, WIDTH, total);
    draw(graphics, charts, height);
    graphics.dispose();
    if (!ImageIO.write(image, "png", file.toFile())) {
      throw new IOException(file + ": this JVM writes no PNG");
    }
  }

  private static void draw(Graphics2D graphics, List<JFreeChart> charts, int height) {
    for (int i = 0; i < charts.size(); i++) {
      charts.get(i).draw(graphics, new Rectangle(0, i * height, WIDTH, height));
    }
  }
}
