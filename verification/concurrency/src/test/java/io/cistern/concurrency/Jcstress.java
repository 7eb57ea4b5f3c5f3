package io.cistern.concurrency;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs {@link Races} in a JVM of its own, which forks one for each race.
 *
 * @param exitCode 0 when no forbidden outcome was seen
 * @param output what it printed
 */
record Jcstress(int exitCode, String output) {

  /**
   * Runs races until they end.
   *
   * @param folder gets the report, the results and the output
   * @param first what comes before this module's class path
   * @param limit after which the run is killed
   * @param args of {@link Races#main}
   */
  static Jcstress run(Path folder, List<Path> first, Duration limit, String... args)
      throws IOException, InterruptedException {
    Files.createDirectories(folder);
    Path output = folder.resolve("output.txt");
    Process process =
        new ProcessBuilder(command(first, args))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError(
            "races have not ended within %s; so far:%n%s"
                .formatted(limit, Files.readString(output)));
      }
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    return new Jcstress(process.exitValue(), Files.readString(output));
  }

  private static List<String> command(List<Path> first, String... args) {
    List<String> classPath = new ArrayList<>(first.stream().map(Path::toString).toList());
    classPath.add(System.getProperty("java.class.path"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-cp");
    command.add(String.join(File.pathSeparator, classPath));
    command.add(Races.class.getName());
    command.addAll(List.of(args));
    return command;
  }
}
