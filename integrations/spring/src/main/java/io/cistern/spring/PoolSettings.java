package io.cistern.spring;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * Those {@code cistern.*} properties of an application that are keys of a profile, wherever Spring
 * found them: files, the command line, system properties.
 *
 * <pre>
 * cistern.pools.main.lowPercent=70          pools.main.lowPercent
 * cistern.pools.main.tiers[1].count=24      pools.main.tiers.1.count
 * </pre>
 *
 * <p>The key is the profile's own, upper and lower case and dashes as in there; nothing is guessed
 * and nothing ignored. Where several sources have a key, Spring's order decides. What an
 * environment variable {@code CISTERN_…} sets is left to the profile, which reads those itself.
 */
final class PoolSettings {
  private static final String PREFIX = "cistern.";
  private static final String VARIABLE_PREFIX = "CISTERN_";

  /** First parts of the keys that are the starter's own. */
  private static final Set<String> OWN = Set.of("enabled", "profile", "health", "webflux");

  private static final Pattern BRACKETS = Pattern.compile("\\[([^\\]]*)\\]");
  private static final Pattern UNDERSCORES = Pattern.compile("_+");

  private final Map<String, Setting> byPath = new LinkedHashMap<>();

  private PoolSettings() {}

  /**
   * One value.
   *
   * @param path of the key in a profile, elements of lists as numbers
   * @param name of the property, as it was spelled
   * @param value without placeholders
   * @param origin file and line where there is one, else the property source
   * @param variable whether it is an environment variable's
   */
  record Setting(String path, String name, String value, String origin, boolean variable) {}

  /**
   * Reads an environment.
   *
   * @throws IllegalArgumentException when a placeholder cannot be resolved
   */
  static PoolSettings of(ConfigurableEnvironment environment) {
    PoolSettings settings = new PoolSettings();
    for (PropertySource<?> source : environment.getPropertySources()) {
      if (source instanceof EnumerablePropertySource<?> enumerable) {
        settings.add(environment, enumerable);
      }
    }
    return settings;
  }

  private void add(ConfigurableEnvironment environment, EnumerablePropertySource<?> source) {
    boolean variables =
        source.getName().endsWith(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
    for (String name : source.getPropertyNames()) {
      String path = variables ? pathOfVariable(name) : pathOf(name);
      Object value = path == null ? null : source.getProperty(name);
      if (path != null && value != null) {
        String text = environment.resolveRequiredPlaceholders(value.toString());
        byPath.putIfAbsent(path, new Setting(path, name, text, originOf(source, name), variables));
      }
    }
  }

  private static @Nullable String pathOf(String name) {
    if (!name.startsWith(PREFIX)) {
      return null;
    }
    String path = BRACKETS.matcher(name.substring(PREFIX.length())).replaceAll(".$1");
    return OWN.contains(path.split("\\.", 2)[0]) ? null : path;
  }

  /** One underscore is a dot, two are a dash, three an underscore: as profiles read them. */
  private static @Nullable String pathOfVariable(String name) {
    return name.startsWith(VARIABLE_PREFIX)
        ? UNDERSCORES
            .matcher(name.substring(VARIABLE_PREFIX.length()))
            .replaceAll(run ->
                switch (run.group().length()) {
                  case 1 -> ".";
                  case 2 -> "-";
                  default -> "_";
                })
        : null;
  }

  private static String originOf(PropertySource<?> source, String name) {
    Origin origin = OriginLookup.getOrigin(source, name);
    return Objects.requireNonNullElse(origin, "'" + source.getName() + "'").toString();
  }

  /** All that are not of environment variables. */
  Collection<Setting> toPlace() {
    List<Setting> all = new ArrayList<>(byPath.values());
    all.removeIf(Setting::variable);
    return all;
  }

  /** Whether any of them, of environment variables too, says something about pools. */
  boolean havePools() {
    return byPath.keySet().stream().anyMatch(path -> path.startsWith("pools."));
  }

  /** The one of this path, if there is one. */
  @Nullable Setting find(String path) {
    return byPath.get(path);
  }
}
