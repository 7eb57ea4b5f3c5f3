package io.cistern.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How much memory this process uses: its resident set as Linux reports it, and elsewhere what the
 * JVM has committed for the Java heap. Pools are in the former only.
 */
final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";

  private ProcessMemory() {}

  static long bytes() {
    try {
      return Files.exists(STATUS) ? resident() : Runtime.getRuntime().totalMemory();
    } catch (IOException unreadable) {
      return Runtime.getRuntime().totalMemory();
    }
  }

  /** The line reads like {@code VmRSS: 45216 kB}. */
  private static long resident() throws IOException {
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith(RESIDENT))
        .map(line -> line.substring(RESIDENT.length()).replace("kB", "").strip())
        .mapToLong(Long::parseLong)
        .map(kilobytes -> kilobytes * 1024)
        .findFirst()
        .orElseGet(() -> Runtime.getRuntime().totalMemory());
  }
}
