package io.cistern.config;

import io.cistern.config.ProfileException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * The text of a profile, and what to call it. Shipped profiles are resources of this module;
 * everything else is a file. Which of the two a string means shows in the string alone, never in
 * what happens to lie in the working directory: a path has a separator in it or ends in {@code
 * .conf}, a name has neither.
 *
 * @param name of the profile
 * @param source what messages call the place it was read from
 * @param text in HOCON
 */
record ProfileText(String name, String source, String text) {
  static final List<String> SHIPPED =
      List.of("prism", "prism-2k", "modesp", "esp32s3", "audio", "numeric");
  private static final String SUFFIX = ".conf";

  static ProfileText find(String nameOrFile) {
    if (nameOrFile.contains("/") || nameOrFile.contains("\\") || nameOrFile.endsWith(SUFFIX)) {
      return file(nameOrFile);
    }
    if (SHIPPED.contains(nameOrFile)) {
      return shipped(nameOrFile);
    }
    throw refused(
        nameOrFile,
        "no such profile%s There are %s; a file is given by a path with a separator or the ending %s"
            .formatted(Spelling.hint(nameOrFile, SHIPPED), String.join(", ", SHIPPED), SUFFIX));
  }

  private static ProfileText shipped(String name) {
    String resource = "profiles/" + name + SUFFIX;
    try (InputStream in =
        Objects.requireNonNull(ProfileText.class.getResourceAsStream(resource), resource)) {
      return new ProfileText(
          name, name + SUFFIX, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException broken) {
      throw new UncheckedIOException(resource, broken);
    }
  }

  private static ProfileText file(String path) {
    try {
      Path file = Path.of(path);
      if (Files.isDirectory(file)) {
        throw refused(path, "must be a file, and is a folder");
      }
      return new ProfileText(nameOf(file), path, Files.readString(file));
    } catch (NoSuchFileException missing) {
      throw refused(path, "no such file");
    } catch (MalformedInputException binary) {
      throw refused(path, "must be text in UTF-8");
    } catch (IOException | InvalidPathException unreadable) {
      throw refused(path, "cannot be read: " + unreadable.getMessage());
    }
  }

  private static String nameOf(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
  }

  private static ProfileException refused(String source, String rule) {
    return new ProfileException(List.of(new Problem(source, 0, "", null, rule)));
  }
}
