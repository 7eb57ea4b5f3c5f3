package io.cistern.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigSyntax;
import io.cistern.config.ProfileException.Problem;
import java.io.File;
import java.net.URL;
import java.util.List;

/**
 * Turns the text of a profile into values. Two things of HOCON are left out, because they would
 * make a profile mean something else in another place: substitutions see the file alone and not the
 * environment, and there is no {@code include}, which the library answers with silence when the
 * file is missing.
 */
final class Hocon {
  private Hocon() {}

  static ConfigObject parse(ProfileText text) {
    ConfigParseOptions options =
        ConfigParseOptions.defaults()
            .setSyntax(ConfigSyntax.CONF)
            .setOriginDescription(text.source())
            .setIncluder(new NoIncludes());
    try {
      return ConfigFactory.parseString(text.text(), options)
          .resolve(ConfigResolveOptions.noSystem())
          .root();
    } catch (IncludeFound include) {
      int line = lineOf(include.what, text);
      throw refused(text, line, "include of '" + include.what + "': a profile is one file");
    } catch (ConfigException broken) {
      throw refused(text, lineOf(broken), "not valid HOCON: " + messageOf(broken));
    }
  }

  private static ProfileException refused(ProfileText text, int line, String rule) {
    return new ProfileException(List.of(new Problem(text.source(), line, "", null, rule)));
  }

  private static int lineOf(String what, ProfileText text) {
    List<String> lines = text.text().lines().toList();
    int line = 0;
    while (line < lines.size()
        && !(lines.get(line).contains("include") && lines.get(line).contains(what))) {
      line++;
    }
    return line < lines.size() ? line + 1 : 0;
  }

  private static int lineOf(ConfigException broken) {
    ConfigOrigin origin = broken.origin();
    return origin == null ? 0 : Math.max(0, origin.lineNumber());
  }

  /** The library's message without the place, which the problem carries itself. */
  private static String messageOf(ConfigException broken) {
    String message = String.valueOf(broken.getMessage());
    String place = broken.origin() == null ? "" : broken.origin().description() + ":";
    return (message.startsWith(place) ? message.substring(place.length()) : message).strip();
  }

  /** How the includer, which knows no line, leaves the parser. */
  private static final class IncludeFound extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String what;

    IncludeFound(Object what) {
      this.what = what.toString();
    }
  }

  private static final class NoIncludes
      implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {
    @Override
    public ConfigIncluder withFallback(ConfigIncluder fallback) {
      return this;
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String what) {
      throw new IncludeFound(what);
    }

    @Override
    public ConfigObject includeFile(ConfigIncludeContext context, File what) {
      throw new IncludeFound(what);
    }

    @Override
    public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
      throw new IncludeFound(what);
    }

    @Override
    public ConfigObject includeResources(ConfigIncludeContext context, String what) {
      throw new IncludeFound(what);
    }
  }
}
