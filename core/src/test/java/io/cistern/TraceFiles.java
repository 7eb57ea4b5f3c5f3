package io.cistern;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** Names of trace files in one temporary folder, which goes when the JVM ends. */
final class TraceFiles {
  private static final Path FOLDER = folder();
  private static final AtomicInteger COUNT = new AtomicInteger();

  private TraceFiles() {}

  private static Path folder() {
    try {
      Path folder = Files.createTempDirectory("cistern-traces");
      folder.toFile().deleteOnExit();
      return folder;
    } catch (IOException refused) {
      throw new UncheckedIOException(refused);
    }
  }

  /** A file that does not exist yet. */
  static Path next() {
    Path file = FOLDER.resolve(COUNT.incrementAndGet() + ".rep");
    file.toFile().deleteOnExit();
    return file;
  }
}
