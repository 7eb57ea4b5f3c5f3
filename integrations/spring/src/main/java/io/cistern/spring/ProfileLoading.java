package io.cistern.spring;

import io.cistern.config.Profile;
import io.cistern.config.ProfileException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.core.io.ResourceLoader;

/**
 * Loads a profile with an application's settings in the places of its own values. Without a named
 * profile they are laid over a default one, which grows as it is needed; or over nothing, when they
 * describe pools themselves.
 */
final class ProfileLoading {
  private static final String UNNAMED = "cistern.*";
  private static final String CLASS_PATH = "classpath:";
  private static final String DEFAULT = "default.conf";

  private ProfileLoading() {}

  /**
   * Loads.
   *
   * @param profile a shipped one, a path, or a resource of the class path; null when the
   *     application names none
   * @throws PoolPropertiesException when something is wrong with the profile or a setting
   */
  static Profile load(@Nullable String profile, ResourceLoader resources, PoolSettings settings) {
    try {
      if (profile == null) {
        return Profile.parse(UNNAMED, settings.havePools() ? "" : defaults(), settings.placed());
      }
      return profile.startsWith(CLASS_PATH)
          ? Profile.parse(profile, text(resources.getResource(profile)), settings.placed())
          : Profile.load(profile, settings.placed());
    } catch (ProfileException refused) {
      throw PoolPropertiesException.of(refused, UNNAMED);
    } catch (IOException missing) {
      throw PoolPropertiesException.of(
          "cistern.profile = " + profile + ": cannot be read", missing);
    }
  }

  private static String text(Resource resource) throws IOException {
    return resource.getContentAsString(StandardCharsets.UTF_8);
  }

  private static String defaults() {
    try (InputStream text =
        Objects.requireNonNull(ProfileLoading.class.getResourceAsStream(DEFAULT), DEFAULT)) {
      return new String(text.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException broken) {
      throw new UncheckedIOException(DEFAULT, broken);
    }
  }
}
