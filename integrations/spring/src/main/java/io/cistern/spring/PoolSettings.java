package io.cistern.spring;

import io.cistern.config.Placed;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
 * and nothing ignored. Where several sources have a key, Spring's order decides. An environment
 * variable is spelled as for profiles: {@code CISTERN_pools_main_lowPercent}.
 */
final class PoolSettings {
  private static final String PREFIX = "cistern.";
  private static final String VARIABLE_PREFIX = "CISTERN_";

  /** First parts of the keys that are the starter's own. */
  private static final Set<String> OWN = Set.of("enabled", "profile", "health", "webflux");

  private static final Pattern BRACKETS = Pattern.compile("\\[([^\\]]*)\\]");
  private static final Pattern UNDERSCORES = Pattern.compile("_+");

  private final Map<String, Placed> byPath = new LinkedHashMap<>();

  private PoolSettings() {}

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
        byPath.putIfAbsent(path, new Placed(originOf(source, name), path, text));
      }
    }
  }

  private static @Nullable String pathOf(String name) {
    if (!name.startsWith(PREFIX)) {
      return null;
    }
    String path = BRACKETS.matcher(name.substring(PREFIX.length())).replaceAll(".$1");
    return isOwn(path) ? null : path;
  }

  private static boolean isOwn(String path) {
    return OWN.contains(path.split("\\.", 2)[0].toLowerCase(Locale.ROOT));
  }

  /** One underscore is a dot, two are a dash, three an underscore: as profiles read them. */
  private static @Nullable String pathOfVariable(String name) {
    if (!name.startsWith(VARIABLE_PREFIX)) {
      return null;
    }
    String path =
        UNDERSCORES
            .matcher(name.substring(VARIABLE_PREFIX.length()))
            .replaceAll(run ->
                switch (run.group().length()) {
                  case 1 -> ".";
                  case 2 -> "-";
                  default -> "_";
                });
    return isOwn(path) ? null : path;
  }

  private static String originOf(PropertySource<?> source, String name) {
    Origin origin = OriginLookup.getOrigin(source, name);
    return "%s (%s)"
        .formatted(name, Objects.requireNonNullElse(origin, "'" + source.getName() + "'"));
  }

  /** All of them. */
  List<Placed> placed() {
    return List.copyOf(byPath.values());
  }

  /** Whether any of them says something about pools. */
  boolean havePools() {
    return byPath.keySet().stream().anyMatch(path -> path.startsWith("pools."));
  }
}
