package io.cistern.cli;

import java.io.PrintWriter;
import java.util.Locale;

/** One line a second, for logs and pipes. */
final class PlainDisplay implements Display {
  private final PrintWriter out;

  PlainDisplay(PrintWriter out) {
    this.out = out;
  }

  @Override
  public void show(Sample sample) {
    println(line(sample));
  }

  static String line(Sample sample) {
    return String.format(
        Locale.ROOT,
        "%7.1fs  echoed %d (%d/s)  busy %d  too large %d  aborted %d  failed %d  spills %d  used %s  RSS %s  GC %d in %d ms",
        sample.elapsed().toMillis() / 1000.0,
        sample.frames().framesEchoed(),
        sample.echoesPerSecond(),
        sample.frames().framesDroppedExhausted(),
        sample.frames().framesRejectedTooLarge(),
        sample.frames().framesAborted(),
        sample.failed(),
        sample.spills(),
        used(sample),
        Figures.amount(sample.process().rssBytes()),
        sample.process().gcCount(),
        sample.process().gcMillis());
  }

  /** The tiers in short: {@code 8x4 KiB} reads "8 blocks of 4 KiB used". */
  private static String used(Sample sample) {
    StringBuilder text = new StringBuilder();
    for (Sample.TierSample tier : sample.tiers()) {
      text.append(text.isEmpty() ? "" : "+").append(tier.used()).append('/').append(tier.total());
    }
    return text.toString();
  }

  @Override
  public void notice(String line) {
    println(line);
  }

  private synchronized void println(String line) {
    out.println(line);
    out.flush();
  }

  @Override
  public void close() {
    out.flush();
  }
}
