package io.cistern.jdk.jfr;

import java.time.Duration;
import java.util.Comparator;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jfr.SettingControl;

/**
 * The setting {@code olderThan} of {@link LeakSuspect}: how long a block must have been live, as
 * the recorder writes times ({@code 300 s}, {@code 5 m}). Of recordings that run together the
 * shortest counts. What is no time is as the default, since a setting has nobody to complain to.
 */
final class MinimumAge extends SettingControl {
  static final String DEFAULT = "5 m";

  private static final Pattern TIME = Pattern.compile("\\s*(\\d{1,15})\\s*(ns|us|ms|s|m|h|d)\\s*");

  /** There is one control, since there is one event that has it; its hook asks for the value. */
  private static volatile Duration current = parse(DEFAULT);

  private volatile String value = DEFAULT;

  /** What recordings that run now ask for. */
  static Duration current() {
    return current;
  }

  @Override
  public String combine(Set<String> values) {
    return values.stream().min(Comparator.comparing(MinimumAge::parse)).orElse(DEFAULT);
  }

  @Override
  public void setValue(String value) {
    this.value = value;
    current = parse(value);
  }

  @Override
  public String getValue() {
    return value;
  }

  boolean includes(long ageMillis) {
    return ageMillis >= parse(value).toMillis();
  }

  static Duration parse(String value) {
    Matcher time = TIME.matcher(value);
    if (!time.matches()) {
      return parse(DEFAULT);
    }
    long count = Long.parseLong(time.group(1));
    return switch (time.group(2)) {
      case "ns" -> Duration.ofNanos(count);
      case "us" -> Duration.ofNanos(count * 1000);
      case "ms" -> Duration.ofMillis(count);
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }
}
