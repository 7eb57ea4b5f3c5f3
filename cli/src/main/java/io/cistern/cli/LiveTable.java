package io.cistern.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The live table as text: a pure function from a {@link Sample} to lines of at most {@value #WIDTH}
 * columns.
 *
 * <pre>
 *  block    meant for              used in this second    used  free  peak alloc/s
 *  256 B    messages and commands  ███▍·············│···     5    27    26    2610
 * </pre>
 */
final class LiveTable {
  static final int WIDTH = 80;
  private static final String NAME = "cistern demo";
  private static final int MOST_TIERS = 12;
  private static final int BLOCK = 9;
  private static final int LABEL = 22;
  private static final int BAR = 21;

  private final String title;
  private final String url;
  private final Duration duration;
  private final long rssStartBytes;
  private final Style style;

  LiveTable(String title, String url, Duration duration, long rssStartBytes, Style style) {
    this.title = title;
    this.url = url;
    this.duration = duration;
    this.rssStartBytes = rssStartBytes;
    this.style = style;
  }

  List<String> render(Sample sample) {
    List<String> lines = new ArrayList<>();
    lines.add(head(sample));
    lines.add(style.rule(WIDTH));
    lines.add(
        style.dim(
            " %s%s%s%6s%6s%6s%8s"
                .formatted(
                    style.column(BLOCK, "block"),
                    style.column(LABEL + 1, "meant for"),
                    style.column(BAR, "used in this second"),
                    "used",
                    "free",
                    "peak",
                    "alloc/s")));
    sample.tiers().stream().limit(MOST_TIERS).map(this::tier).forEach(lines::add);
    if (sample.tiers().size() > MOST_TIERS) {
      lines.add(style.dim(" and " + (sample.tiers().size() - MOST_TIERS) + " more tiers"));
    }
    lines.add(style.rule(WIDTH));
    lines.add(row("frames", frames(sample)));
    lines.add(row("pools", pools(sample)));
    lines.add(row("process", process(sample)));
    return lines;
  }

  private String head(Sample sample) {
    String clock = Figures.clock(sample.elapsed()) + " of " + Figures.clock(duration) + " ";
    int room = WIDTH - NAME.length() - url.length() - clock.length() - 5;
    String name = style.cut(room, title);
    int gaps = room - name.length() + 2;
    String before = " ".repeat(gaps / 2);
    String after = " ".repeat(gaps - gaps / 2);
    return " " + style.bold(NAME) + "  " + name + before + url + after + clock;
  }

  private String tier(Sample.TierSample tier) {
    String label = tier.label().isEmpty() ? tier.pool() : tier.label();
    return " "
        + style.column(BLOCK, blockSize(tier))
        + style.column(LABEL, label)
        + " "
        + style.bar(BAR, tier.used(), tier.peak(), tier.total(), tier.pressure())
        + "%6s%6s%6s%8s"
            .formatted(
                Figures.compact(tier.used()),
                Figures.compact(tier.free()),
                Figures.compact(tier.peak()),
                Figures.compact(tier.allocationsPerSecond()));
  }

  private static String blockSize(Sample.TierSample tier) {
    return tier.blockSizeBytes() == Sample.ANY_SIZE
        ? "any size"
        : Figures.blockSize(tier.blockSizeBytes());
  }

  private String row(String name, String text) {
    return " " + style.dim(style.column(BLOCK, name)) + style.cut(WIDTH - BLOCK - 1, text);
  }

  private String frames(Sample sample) {
    var frames = sample.frames();
    return String.join(
        style.dot(),
        "echoed " + Figures.count(frames.framesEchoed()),
        Figures.count(sample.echoesPerSecond()) + "/s",
        "busy " + Figures.count(frames.framesDroppedExhausted()),
        "too large " + Figures.count(frames.framesRejectedTooLarge()),
        "aborted " + Figures.count(frames.framesAborted()));
  }

  private String pools(Sample sample) {
    return String.join(
        style.dot(),
        Figures.count(sample.allocationsPerSecond()) + " allocations/s",
        "failed "
            + Figures.count(sample.failed())
            + " (+"
            + Figures.count(sample.failedInInterval())
            + ")",
        "spills " + Figures.count(sample.spills()),
        "live " + sample.liveBlocks());
  }

  private String process(Sample sample) {
    ProcessFigures process = sample.process();
    return String.join(
        style.dot(),
        "RSS "
            + Figures.amount(process.rssBytes())
            + " (start "
            + Figures.amount(rssStartBytes)
            + ")",
        process.gcCount() + " collections in " + Figures.count(process.gcMillis()) + " ms",
        sample.frames().connections() + " clients");
  }
}
