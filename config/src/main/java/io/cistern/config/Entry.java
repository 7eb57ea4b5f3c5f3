package io.cistern.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One place in a profile and what stands there. Each reading method gives the value when it keeps
 * the rule, and otherwise {@linkplain #refuse records} the rule and gives some value that does.
 *
 * @param problems where what is wrong is recorded
 * @param parent the section around it, none for the outermost
 * @param path from the outermost section to here, such as {@code pools.main.tiers[1].count}
 * @param around origin of what is around it, for a value that is missing
 * @param value what stands here, null when nothing does
 */
record Entry(
    Problems problems,
    @Nullable Section parent,
    String path,
    ConfigOrigin around,
    @Nullable ConfigValue value) {

  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);
  private static final List<String> YES = List.of("on", "true");
  private static final List<String> YES_OR_NO = List.of("on", "off", "true", "false");

  /** What a value is as a number; null when it is none of the type. */
  private interface Conversion {
    @Nullable BigDecimal of(ConfigValue value);
  }

  boolean isGiven() {
    return value != null;
  }

  /**
   * Records that what stands here, or that nothing does, breaks a rule; the sections around it are
   * not sound then.
   */
  void refuse(String rule) {
    problems.add(origin(), path, value, value == null ? "missing; " + rule : rule);
    spoil();
  }

  /** As {@link #refuse}, for a value that would be right if others were different. */
  void refuseConflict(String rule) {
    problems.addConflict(origin(), path, value, rule);
    spoil();
  }

  /**
   * Records a key that does not exist, which leaves the sections around it as sound as they were.
   */
  void refuseKey(String rule) {
    problems.add(origin(), path, value, rule);
  }

  private ConfigOrigin origin() {
    return value == null ? around : value.origin();
  }

  private void spoil() {
    if (parent != null) {
      parent.spoil();
    }
  }

  /** A size in bytes, from {@code min} to {@code max}. */
  long bytes(long min, long max) {
    return bytes(min, max, "");
  }

  /** A size in bytes, from {@code min} to {@code max}, that may also be a word: one of the rule. */
  private long bytes(long min, long max, String orWord) {
    String range = "from %s to %s".formatted(Values.size(min), Values.size(max)) + orWord;
    String type =
        "a size from %s to %s, such as 4096 or \"4 KiB\"%s"
            .formatted(Values.size(min), Values.size(max), orWord);
    return number(Values::bytes, BigDecimal.valueOf(min), BigDecimal.valueOf(max), type, range)
        .longValue();
  }

  /** A size in bytes, from 0 to {@code max}; 0 when nothing is given. */
  long bytesOrNone(long max) {
    return value == null ? 0 : bytes(0, max);
  }

  /**
   * A size in bytes, from 0 to {@code max}, where a {@linkplain #is word} would do as well; 0 when
   * nothing is given.
   */
  long bytesOrNone(long max, String word) {
    return value == null ? 0 : bytes(0, max, ", or " + word);
  }

  /** Whether exactly this word stands here. */
  boolean is(String word) {
    return value != null && word.equals(Values.text(value));
  }

  /** A switch; {@code preset} when nothing is given. */
  boolean isOn(boolean preset) {
    return value == null ? preset : YES.contains(oneOf(YES_OR_NO));
  }

  /** A time from 0 to {@code max}, with its unit; {@code preset} when nothing is given. */
  Duration time(Duration max, Duration preset) {
    if (value == null) {
      return preset;
    }
    Duration time = Values.time(value);
    if (time == null || time.isNegative() || time.compareTo(max) > 0) {
      refuse(
          "must be a time from 0 to %d days, with a unit, such as \"30 s\""
              .formatted(max.toDays()));
      return preset;
    }
    return time;
  }

  /** A whole number from {@code min} to {@code max}. */
  int whole(int min, int max) {
    String range = "from %d to %d".formatted(min, max);
    return number(
            Values::whole,
            BigDecimal.valueOf(min),
            BigDecimal.valueOf(max),
            "a whole number " + range,
            range)
        .intValue();
  }

  /** A power of two from {@code min} to {@code max}; {@code preset} when nothing is given. */
  int powerOfTwo(int min, int max, int preset) {
    String rule = "a power of two from %d to %d".formatted(min, max);
    if (value == null) {
      return preset;
    }
    int number =
        number(Values::bytes, BigDecimal.valueOf(min), BigDecimal.valueOf(max), rule, rule)
            .intValue();
    if (Integer.bitCount(number) != 1) {
      refuse("must be " + rule);
    }
    return number;
  }

  /**
   * A percentage above 0; {@code preset} when nothing is given, and not a number when it was
   * refused.
   */
  double percent(double preset) {
    if (value == null) {
      return preset;
    }
    BigDecimal number = Values.number(value);
    if (number == null || number.signum() <= 0 || number.compareTo(HUNDRED) > 0) {
      refuse("must be a number above 0 and at most 100");
      return Double.NaN;
    }
    return number.doubleValue();
  }

  private BigDecimal number(
      Conversion conversion, BigDecimal min, BigDecimal max, String type, String range) {
    BigDecimal number = value == null ? null : conversion.of(value);
    if (number == null) {
      refuse("must be " + type);
      return min;
    }
    if (number.compareTo(min) < 0 || number.compareTo(max) > 0) {
      refuse("must be " + range);
      return min;
    }
    return number;
  }

  /** Text of one line; empty when nothing is given. */
  String text() {
    if (value == null) {
      return "";
    }
    String text = Values.text(value);
    if (text == null || text.chars().anyMatch(Character::isISOControl)) {
      refuse("must be text of one line");
      return "";
    }
    return text;
  }

  /** One of some words. */
  String oneOf(Collection<String> words) {
    String word = value == null ? null : Values.text(value);
    if (word == null || !words.contains(word)) {
      refuse("must be one of " + String.join(", ", words));
      return "";
    }
    return word;
  }

  /**
   * One constant of an enum, in lower case and with dashes; {@code preset} when nothing is given.
   */
  <E extends Enum<E>> E choice(E preset) {
    if (value == null) {
      return preset;
    }
    Map<String, E> constants = new LinkedHashMap<>();
    for (E constant : preset.getDeclaringClass().getEnumConstants()) {
      constants.put(constant.name().toLowerCase(Locale.ROOT).replace('_', '-'), constant);
    }
    return constants.getOrDefault(oneOf(constants.keySet()), preset);
  }

  /** The elements of a list, of which there must be one at least. */
  List<Entry> elements() {
    if (value instanceof ConfigList list && !list.isEmpty()) {
      return IntStream.range(0, list.size())
          .mapToObj(
              i -> new Entry(problems, parent, path + "[" + i + "]", list.origin(), list.get(i)))
          .toList();
    }
    refuse("must be a list of at least one element");
    return List.of();
  }

  /** The section that stands here, or null, when something else does. */
  @Nullable Section section() {
    if (value instanceof ConfigObject object) {
      return new Section(this, object);
    }
    refuse("must be a section in braces");
    return null;
  }
}
