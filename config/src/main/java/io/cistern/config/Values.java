package io.cistern.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one HOCON value means as a number, exactly. The library would cut {@code 8.5} down to 8
 * where a whole number is asked for; here such a value has no meaning, and the caller refuses it.
 */
final class Values {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  private static final int SHOWN = 60;

  private Values() {}

  /** Text, or a number or boolean as it was written; null for anything else. */
  static @Nullable String text(ConfigValue value) {
    return switch (value.valueType()) {
      case STRING, NUMBER, BOOLEAN -> value.atKey("value").getString("value");
      default -> null;
    };
  }

  /** A number, or a string that is one; null for anything else. */
  static @Nullable BigDecimal number(ConfigValue value) {
    String text = text(value);
    return text == null ? null : decimal(text.strip());
  }

  /** A whole number; null for anything else. */
  static @Nullable BigDecimal whole(ConfigValue value) {
    return whole(number(value));
  }

  /**
   * A number of bytes, with or without one of HOCON's units ({@code 4096}, {@code 4 KiB}); null for
   * anything else.
   */
  static @Nullable BigDecimal bytes(ConfigValue value) {
    String text = text(value);
    if (text == null) {
      return null;
    }
    BigDecimal plain = number(value);
    if (plain != null) {
      return whole(plain);
    }
    int letter = 0;
    while (letter < text.length() && !Character.isLetter(text.charAt(letter))) {
      letter++;
    }
    BigDecimal factor = decimal(text.substring(0, letter).strip());
    BigDecimal unit = unit(text.substring(letter));
    return factor == null || unit == null ? null : whole(factor.multiply(unit));
  }

  /** A time with one of HOCON's units ({@code 30 s}); null for anything else, bare numbers too. */
  static @Nullable Duration time(ConfigValue value) {
    String text = text(value);
    if (text == null || number(value) != null) {
      return null;
    }
    try {
      return ConfigValueFactory.fromAnyRef(text).atKey("time").getDuration("time");
    } catch (ConfigException notATime) {
      return null;
    }
  }

  private static @Nullable BigDecimal whole(@Nullable BigDecimal number) {
    return number != null && number.stripTrailingZeros().scale() <= 0 ? number : null;
  }

  private static @Nullable BigDecimal decimal(String text) {
    try {
      return new BigDecimal(text);
    } catch (NumberFormatException notANumber) {
      return null;
    }
  }

  private static @Nullable BigDecimal unit(String name) {
    try {
      ConfigValue one = ConfigValueFactory.fromAnyRef("1 " + name);
      return new BigDecimal(one.atKey("unit").getMemorySize("unit").toBytesBigInteger());
    } catch (ConfigException notAUnit) {
      return null;
    }
  }

  /** A value for a message: strings without quotes, and nothing longer than a line can bear. */
  static String show(ConfigValue value) {
    String text =
        Objects.requireNonNullElseGet(
            text(value), () -> value.render(ConfigRenderOptions.concise()));
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
  }

  /** A percentage for a message, without a needless fraction. */
  static String show(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  /** A round limit for a message, in the largest unit that leaves no fraction. */
  static String size(long bytes) {
    long amount = bytes;
    int unit = 0;
    while (unit < UNITS.length - 1 && amount > 0 && amount % 1024 == 0) {
      amount /= 1024;
      unit++;
    }
    return amount + " " + UNITS[unit];
  }
}
