package io.cistern.cli;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A length of time as one writes it: {@code 500ms}, {@code 30s}, {@code 2m}, {@code 48h}. */
final class DurationConverter implements ITypeConverter<Duration> {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");

  @Override
  public Duration convert(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw refused(text);
    }
    ChronoUnit unit =
        switch (matcher.group(2)) {
          case "ms" -> ChronoUnit.MILLIS;
          case "s" -> ChronoUnit.SECONDS;
          case "m" -> ChronoUnit.MINUTES;
          default -> ChronoUnit.HOURS;
        };
    Duration duration = Duration.of(Long.parseLong(matcher.group(1)), unit);
    if (duration.isZero() || duration.compareTo(Duration.ofDays(365)) > 0) {
      throw refused(text);
    }
    return duration;
  }

  private static TypeConversionException refused(String text) {
    return new TypeConversionException(
        "'"
            + text
            + "' is not a duration: give a whole number and a unit, such as 500ms, 30s, 2m or 48h, up to 8760h");
  }
}
