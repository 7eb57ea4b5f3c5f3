package io.cistern.jdk.jfr;

import java.util.Arrays;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import jdk.jfr.SettingControl;

/**
 * The setting {@code pools} of our events: names of pools, separated by commas, in which {@code *}
 * stands for any characters. Recordings that run together get what each of them asks for.
 */
final class PoolFilter extends SettingControl {
  static final String ALL = "*";

  private volatile String value = ALL;
  private volatile Pattern names = pattern(ALL);

  @Override
  public String combine(Set<String> values) {
    return values.stream().sorted().collect(Collectors.joining(","));
  }

  @Override
  public void setValue(String value) {
    this.names = pattern(value);
    this.value = value;
  }

  @Override
  public String getValue() {
    return value;
  }

  boolean matches(String pool) {
    return names.matcher(pool).matches();
  }

  private static Pattern pattern(String value) {
    return Pattern.compile(
        Arrays.stream(value.split(","))
            .map(String::strip)
            .map(name ->
                Arrays.stream(name.split("\\*", -1))
                    .map(Pattern::quote)
                    .collect(Collectors.joining(".*")))
            .collect(Collectors.joining("|")),
        Pattern.DOTALL);
  }
}
