package io.cistern.jdk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** How much memory of this process is resident: the JVM's own, pools, and all else. */
public final class ResidentMemory {
  /** What is answered where the system does not tell: anywhere but on Linux. */
  public static final long UNKNOWN = -1;

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final int UNIT = 1024;

  private ResidentMemory() {}

  /**
   * Resident memory now. Reads one small file, some tens of microseconds.
   *
   * @return bytes, or {@link #UNKNOWN}
   */
  public static long bytes() {
    return bytes(STATUS);
  }

  /** The line {@code VmRSS: 123456 kB} of a status file. */
  static long bytes(Path status) {
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> UNIT * Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElse(UNKNOWN);
    } catch (IOException | RuntimeException notLinux) {
      return UNKNOWN;
    }
  }
}
