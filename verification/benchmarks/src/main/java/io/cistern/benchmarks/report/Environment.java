package io.cistern.benchmarks.report;

import io.cistern.benchmarks.subject.NativeLibrary;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where the figures come from.
 *
 * @param machine processor and cores
 * @param system operating system
 * @param jdk the JVM
 * @param peers their versions
 * @param load of the machine before the run, in busy cores; negative when the system does not tell
 */
public record Environment(
    String machine, String system, String jdk, List<String> peers, double load) {
  private static final double QUIET_LOAD_PER_CORE = 0.25;
  private static final Pattern JAR = Pattern.compile("(.+?)-(\\d[\\w.\\-]*)\\.jar");
  private static final List<String> PEER_JARS =
      List.of(
          "netty-buffer",
          "jetty-io",
          "arrow-memory-core",
          "arrow-memory-unsafe",
          "kafka-clients",
          "jmh-core");

  /** Copies the list. */
  public Environment {
    peers = List.copyOf(peers);
  }

  /**
   * Looks around.
   *
   * @return this machine, now
   */
  public static Environment here() {
    int cores = Runtime.getRuntime().availableProcessors();
    return new Environment(
        cpu().orElse(System.getProperty("os.arch"))
            + ", "
            + cores
            + (cores == 1 ? " core" : " cores"),
        distribution().map(name -> name + ", ").orElse("")
            + String.join(
                " ",
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch")),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
        Stream.concat(libraries(), jars(System.getProperty("java.class.path"))).toList(),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
  }

  /**
   * What it is, for a person.
   *
   * @return lines
   */
  public List<String> lines() {
    return List.of(
        "machine  " + machine,
        "system   " + system,
        "JDK      " + jdk,
        "peers    " + String.join(", ", peers));
  }

  /**
   * A warning when other work will disturb the figures.
   *
   * @return one line, or nothing on a quiet machine
   */
  public Optional<String> warning() {
    double quiet = QUIET_LOAD_PER_CORE * Runtime.getRuntime().availableProcessors();
    return load <= quiet
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "the machine is not quiet: load average %.1f, should be at most %.1f; do not trust"
                    + " the figures",
                load,
                quiet));
  }

  private static Optional<String> cpu() {
    return lineOf(Path.of("/proc/cpuinfo"), "model name").map(line -> after(line, ":"));
  }

  private static Optional<String> distribution() {
    return lineOf(Path.of("/etc/os-release"), "PRETTY_NAME=")
        .map(line -> after(line, "=").replace("\"", ""));
  }

  private static String after(String line, String separator) {
    return line.substring(line.indexOf(separator) + 1).strip();
  }

  private static Optional<String> lineOf(Path file, String start) {
    if (!Files.isReadable(file)) {
      return Optional.empty();
    }
    try (Stream<String> lines = Files.lines(file)) {
      return lines.filter(line -> line.startsWith(start)).findFirst();
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }

  private static Stream<String> libraries() {
    return Arrays.stream(NativeLibrary.values())
        .flatMap(library -> library.version().stream())
        .map(Object::toString);
  }

  /** Versions as the names of the jars say. */
  static Stream<String> jars(String classPath) {
    List<String> found = new ArrayList<>();
    for (String entry : classPath.split(File.pathSeparator, -1)) {
      Matcher jar = JAR.matcher(Path.of(entry).getFileName().toString());
      if (jar.matches() && PEER_JARS.contains(jar.group(1))) {
        found.add(jar.group(1) + " " + jar.group(2));
      }
    }
    return found.stream().sorted();
  }

  @Override
  public String toString() {
    return lines().stream().collect(Collectors.joining("\n"));
  }
}
