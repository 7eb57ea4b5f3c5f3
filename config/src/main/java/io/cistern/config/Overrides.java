package io.cistern.config;

import com.typesafe.config.ConfigObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Values that the environment and the command line put in the place of a profile's own. Both use
 * one prefix and the path of the key:
 *
 * <pre>
 * -Dcistern.pools.main.lowPercent=70       pools.main.lowPercent
 * CISTERN_pools_main_lowPercent=70         pools.main.lowPercent
 * CISTERN_pools_main_tiers_1_count=24      pools.main.tiers[1].count
 * </pre>
 *
 * <p>A shell's variables have neither dots nor dashes, so one underscore stands for a dot, two for
 * a dash and three for an underscore, as in the HOCON library's own {@code CONFIG_FORCE_}
 * variables. A number in a path counts the elements of a list from 0; the number after the last
 * adds one.
 *
 * <p>An override replaces one value and keeps all others, and it is checked like any value of the
 * file, with the property or variable as its place. Variables are applied first and properties
 * after them, so properties win.
 */
final class Overrides {
  private static final String PROPERTY_PREFIX = "cistern.";
  private static final String VARIABLE_PREFIX = "CISTERN_";
  private static final Pattern UNDERSCORES = Pattern.compile("_+");

  private final List<Setting> settings = new ArrayList<>();

  private Overrides() {}

  /** Those of this process, as they are now. */
  static Overrides ofProcess() {
    Map<String, String> properties = new HashMap<>();
    Properties system = System.getProperties();
    system.stringPropertyNames().forEach(name -> properties.put(name, system.getProperty(name)));
    return of(System.getenv(), properties);
  }

  static Overrides of(Map<String, String> environment, Map<String, String> properties) {
    Overrides overrides = new Overrides();
    overrides.add("environment variable ", VARIABLE_PREFIX, environment, Overrides::path);
    overrides.add("system property ", PROPERTY_PREFIX, properties, name -> name);
    return overrides;
  }

  /** Those of a program; where one path comes twice, the last has it. */
  static Overrides of(List<Placed> placed) {
    Overrides overrides = new Overrides();
    placed.stream()
        .map(one -> Setting.of(one.origin(), one.path(), one.value()))
        .sorted(Comparator.comparing(Setting::order))
        .forEach(overrides.settings::add);
    return overrides;
  }

  private void add(
      String what, String prefix, Map<String, String> values, UnaryOperator<String> path) {
    values.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(prefix))
        .map(e ->
            Setting.of(
                what + e.getKey(), path.apply(e.getKey().substring(prefix.length())), e.getValue()))
        .sorted(Comparator.comparing(Setting::order))
        .forEach(settings::add);
  }

  private static String path(String variable) {
    return UNDERSCORES.matcher(variable).replaceAll(Overrides::separator);
  }

  private static String separator(MatchResult underscores) {
    return switch (underscores.group().length()) {
      case 1 -> ".";
      case 2 -> "-";
      case 3 -> "_";
      default -> underscores.group(); // stands for nothing, so the key will not be known
    };
  }

  /** What set each of them, as their values' origins name it. */
  List<String> origins() {
    return settings.stream().map(setting -> setting.value().origin().description()).toList();
  }

  /** A copy of a profile with all overrides in their places. */
  ConfigObject apply(ConfigObject profile, Problems problems) {
    ConfigObject result = profile;
    for (Setting setting : settings) {
      result = setting.putInto(result, problems);
    }
    return result;
  }
}
