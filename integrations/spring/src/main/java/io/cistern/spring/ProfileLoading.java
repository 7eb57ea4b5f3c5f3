package io.cistern.spring;

import io.cistern.config.Profile;
import io.cistern.config.ProfileException;
import io.cistern.spring.PoolSettings.Setting;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Loads a profile with an application's settings in the places of its own values.
 *
 * <p>A profile takes such values from system properties with the prefix {@code cistern.}, and
 * checks each as if the file had it. So the settings are system properties while the profile is
 * loaded, and not longer: what was there before comes back, also when the profile is refused. The
 * starter's own keys are no profile's, and are away for that moment. One load is done at a time.
 *
 * <p>Without a named profile the settings are laid over a default one, which grows as it is needed;
 * or over nothing, when they describe pools themselves.
 */
final class ProfileLoading {
  private static final String PREFIX = "cistern.";
  private static final Pattern PLACE = Pattern.compile("system property cistern\\.([^,\\s]+)");
  private static final String DEFAULT = "default.conf";

  private ProfileLoading() {}

  /**
   * Loads.
   *
   * @param nameOrFile a shipped profile, or a path; null when the application names none
   * @throws PoolPropertiesException when something is wrong with the profile or a setting
   */
  static Profile load(@Nullable String nameOrFile, PoolSettings settings) {
    if (nameOrFile != null) {
      return loadOver(nameOrFile, "", settings);
    }
    try {
      Path folder = Files.createTempDirectory("cistern");
      Path file = folder.resolve("application.conf");
      try {
        Files.writeString(file, settings.havePools() ? "" : defaults());
        return loadOver(file.toString(), file.toString(), settings);
      } finally {
        Files.deleteIfExists(file);
        Files.deleteIfExists(folder);
      }
    } catch (IOException broken) {
      throw new UncheckedIOException("the default profile cannot be written", broken);
    }
  }

  private static String defaults() throws IOException {
    try (InputStream text =
        Objects.requireNonNull(ProfileLoading.class.getResourceAsStream(DEFAULT), DEFAULT)) {
      return new String(text.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static synchronized Profile loadOver(
      String nameOrFile, String unnamed, PoolSettings settings) {
    Properties system = System.getProperties();
    Map<String, String> before = new HashMap<>();
    for (String name : system.stringPropertyNames()) {
      if (name.startsWith(PREFIX)) {
        before.put(name, system.getProperty(name));
      }
    }
    try {
      before.keySet().forEach(system::remove);
      settings.toPlace().forEach(s -> system.setProperty(PREFIX + s.path(), s.value()));
      return Profile.load(nameOrFile);
    } catch (ProfileException refused) {
      throw PoolPropertiesException.of(
          refused, text -> named(text, unnamed, settings), nameOrFile.equals(unnamed));
    } finally {
      settings.toPlace().forEach(s -> system.remove(PREFIX + s.path()));
      system.putAll(before);
    }
  }

  /** A text with the places from which values really came. */
  private static String named(String text, String unnamed, PoolSettings settings) {
    return text.equals(unnamed)
        ? "cistern.*"
        : PLACE
            .matcher(text)
            .replaceAll(place -> Matcher.quoteReplacement(placeOf(place, settings)));
  }

  private static String placeOf(MatchResult place, PoolSettings settings) {
    Setting setting = settings.find(place.group(1));
    return setting == null ? place.group() : setting.name() + " (" + setting.origin() + ")";
  }
}
