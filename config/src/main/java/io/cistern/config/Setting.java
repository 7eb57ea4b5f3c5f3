package io.cistern.config;

import static java.util.stream.Collectors.joining;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One value from outside the file, and the way to its place. Only that place changes: everything
 * around it keeps its value and its line.
 *
 * @param keys from the outermost section on; a number counts the elements of a list, from 0
 * @param value with the property or variable that set it as its origin
 */
record Setting(List<String> keys, ConfigValue value) {
  private static final Pattern INDEX = Pattern.compile("\\d{1,9}");

  static Setting of(String origin, String path, String value) {
    return new Setting(
        List.of(path.split("\\.", -1)), ConfigValueFactory.fromAnyRef(value, origin));
  }

  /**
   * Sorts settings so that numbers come by value: elements are added to a list at its end, one
   * after the other.
   */
  String order() {
    return keys.stream().map("%32s"::formatted).collect(joining("."));
  }

  /** A copy of a profile with this value in its place. */
  ConfigObject putInto(ConfigObject profile, Problems problems) {
    return new Placing(problems).member(profile, 0);
  }

  /** The walk along the keys; each method is given the depth at which it stands. */
  private final class Placing {
    private final Problems problems;

    Placing(Problems problems) {
      this.problems = problems;
    }

    private ConfigObject member(ConfigObject section, int depth) {
      String key = keys.get(depth);
      return section.withValue(key, replacement(section.get(key), depth + 1));
    }

    private ConfigValue replacement(@Nullable ConfigValue old, int depth) {
      if (depth == keys.size()) {
        return value;
      }
      return switch (old) {
        case null -> replacement(empty(keys.get(depth)), depth);
        case ConfigObject section -> member(section, depth);
        case ConfigList list -> element(list, depth);
        default -> {
          refuse(
              "must be the path of a key, but '%s' is a value there"
                  .formatted(keys.get(depth - 1)));
          yield old;
        }
      };
    }

    /** No pool's name and no key is a number, so a number asks for a list. */
    private ConfigValue empty(String key) {
      String origin = value.origin().description();
      return INDEX.matcher(key).matches()
          ? ConfigValueFactory.fromIterable(List.of(), origin)
          : ConfigValueFactory.fromMap(Map.of(), origin);
    }

    private ConfigValue element(ConfigList list, int depth) {
      String index = keys.get(depth);
      if (!INDEX.matcher(index).matches() || Integer.parseInt(index) > list.size()) {
        refuse("must count from 0 to %d where it has '%s'".formatted(list.size(), index));
        return list;
      }
      int i = Integer.parseInt(index);
      List<ConfigValue> elements = new ArrayList<>(list);
      ConfigValue old = i < list.size() ? elements.remove(i) : null;
      elements.add(i, replacement(old, depth + 1));
      return ConfigValueFactory.fromIterable(elements).withOrigin(list.origin());
    }

    private void refuse(String rule) {
      problems.add(value.origin(), String.join(".", keys), value, rule);
    }
  }
}
