package io.cistern.cli;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Programs of the tests' own path in a JVM of their own. */
final class Jvm {
  private Jvm() {}

  /** The command line that starts a program with arguments. */
  static List<String> command(Class<?> program, String... arguments) {
    Stream<String> java =
        Stream.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-Xmx256m",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            path(),
            program.getName());
    return Stream.concat(java, Stream.of(arguments)).toList();
  }

  private static String path() {
    return Stream.of("jdk.module.path", "java.class.path")
        .map(name -> System.getProperty(name, ""))
        .filter(path -> !path.isEmpty())
        .collect(Collectors.joining(File.pathSeparator));
  }
}
