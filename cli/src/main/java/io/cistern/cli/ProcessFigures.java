package io.cistern.cli;

import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What the process as a whole takes.
 *
 * @param rssBytes resident memory; {@value #UNKNOWN} where the system does not tell
 * @param gcCount garbage collections since the start
 * @param gcMillis time spent in them
 */
record ProcessFigures(long rssBytes, long gcCount, long gcMillis) {
  static final long UNKNOWN = -1;
  private static final Path STATUS = Path.of("/proc/self/status");

  static ProcessFigures now() {
    long count = 0;
    long millis = 0;
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      count += Math.max(0, collector.getCollectionCount());
      millis += Math.max(0, collector.getCollectionTime());
    }
    return new ProcessFigures(rss(STATUS), count, millis);
  }

  /** The line {@code VmRSS: 123456 kB} of a status file. */
  static long rss(Path status) {
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElse(UNKNOWN);
    } catch (IOException | RuntimeException notLinux) {
      return UNKNOWN;
    }
  }
}
