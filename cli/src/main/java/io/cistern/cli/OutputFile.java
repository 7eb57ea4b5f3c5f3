package io.cistern.cli;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Objects;

/** A file that an option names and that will be written when the work is done. */
final class OutputFile {
  private OutputFile() {}

  /**
   * Checks it before the work begins, so that hours of it are not lost to a misspelt folder.
   *
   * @param option that names it, for messages
   * @param target as it was given
   * @throws UsageException when nothing can be written there
   */
  static Path of(String option, String target) {
    try {
      Path file = Path.of(target);
      check(option, target, file.toAbsolutePath());
      return file;
    } catch (InvalidPathException wrong) {
      throw new UsageException(option + " " + target + ": is no file name: " + wrong.getReason());
    }
  }

  private static void check(String option, String target, Path file) {
    if (Files.isDirectory(file)) {
      throw new UsageException(option + " " + target + ": is a folder, a file is needed");
    }
    Path folder = Objects.requireNonNull(file.getParent(), "only a folder has no parent");
    if (!Files.isDirectory(folder)) {
      throw new UsageException(option + " " + target + ": there is no folder " + folder);
    }
    if (!Files.isWritable(Files.exists(file) ? file : folder)) {
      throw new UsageException(option + " " + target + ": cannot be written");
    }
  }
}
