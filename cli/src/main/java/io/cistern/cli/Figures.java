package io.cistern.cli;

import java.time.Duration;
import java.util.Locale;

/** How figures are written: the same way in the live table, in plain lines and in the summary. */
final class Figures {
  private static final String[] BINARY_UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

  private Figures() {}

  /** Bytes as a block size: exact. {@code 256 B}, {@code 4 KiB}, {@code 1500 B}. */
  static String blockSize(long bytes) {
    int unit = 0;
    long value = bytes;
    while (value >= 1024 && value % 1024 == 0 && unit < BINARY_UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return value + " " + BINARY_UNITS[unit];
  }

  /** Bytes as an amount: three digits or so. {@code 57.3 MiB}, {@code n/a} when negative. */
  static String amount(long bytes) {
    if (bytes < 0) {
      return "n/a";
    }
    int unit = 0;
    double value = bytes;
    while (value >= 1024 && unit < BINARY_UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    String form = unit == 0 || value >= 1000 ? "%.0f %s" : "%.1f %s";
    return form.formatted(value, BINARY_UNITS[unit]).replace(".0 ", " ");
  }

  /** Bytes in at most five characters: {@code 640B}, {@code 31.2K}, {@code 1023M}. */
  static String bytes(long bytes) {
    int unit = 0;
    double value = bytes;
    while (value >= 1023.5 && unit < BINARY_UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    String form = unit == 0 || value >= 99.95 ? "%.0f%s" : "%.1f%s";
    return String.format(Locale.ROOT, form, value, BINARY_UNITS[unit].charAt(0)).replace(".0", "");
  }

  /** A count with its thousands apart: {@code 12,345}. */
  static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** A count in at most five characters: {@code 99999}, {@code 123k}, {@code 16M}. */
  static String compact(long count) {
    if (count < 100_000) {
      return Long.toString(count);
    }
    return count < 10_000_000 ? count / 1_000 + "k" : count / 1_000_000 + "M";
  }

  /** A share: {@code 92.1 %}. */
  static String percent(long part, long whole) {
    return whole == 0 ? "0.0 %" : String.format(Locale.ROOT, "%.1f %%", 100.0 * part / whole);
  }

  /** A time on a clock: {@code 00:12}, {@code 47:59:59}. */
  static String clock(Duration duration) {
    long seconds = duration.toSeconds();
    return seconds < 3600
        ? "%02d:%02d".formatted(seconds / 60, seconds % 60)
        : "%02d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
}
