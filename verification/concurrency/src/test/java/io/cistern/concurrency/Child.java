package io.cistern.concurrency;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jcstress.infra.runners.TestList;

/**
 * A JVM that has ended.
 *
 * @param exitCode of the process
 * @param output what it printed, errors too
 */
public record Child(int exitCode, String output) {

  /**
   * Runs {@link Races}; they fork a JVM for each race.
   *
   * @param folder gets the results and the report
   * @param first what comes before this module's class path
   * @param limit after which it is killed
   * @param args of {@link Races#main}
   * @return how it ended: exit code 0 when no forbidden outcome was seen
   */
  public static Child races(Path folder, List<Path> first, Duration limit, String... args)
      throws IOException, InterruptedException {
    return java(folder, first, limit, Races.class, args);
  }

  /**
   * The names of the races that there are.
   *
   * @return without those that jcstress brings along
   */
  public static List<String> raceNames() {
    String room = Races.class.getPackageName();
    return TestList.tests().stream().filter(name -> name.startsWith(room)).toList();
  }

  /**
   * Runs a class until it ends.
   *
   * @param folder to run in
   * @param first what comes before this module's class path
   * @param limit after which it is killed
   * @param main the class
   * @param args of its main method
   * @return how it ended
   */
  public static Child java(
      Path folder, List<Path> first, Duration limit, Class<?> main, String... args)
      throws IOException, InterruptedException {
    Files.createDirectories(folder);
    Path output = folder.resolve("output.txt");
    Process process =
        new ProcessBuilder(command(first, main, args))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError(
            "%s %s has not ended within %s; so far:%n%s"
                .formatted(main, String.join(" ", args), limit, Files.readString(output)));
      }
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    return new Child(process.exitValue(), Files.readString(output));
  }

  private static List<String> command(List<Path> first, Class<?> main, String... args) {
    List<String> classPath = new ArrayList<>(first.stream().map(Path::toString).toList());
    classPath.add(System.getProperty("java.class.path"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-cp");
    command.add(String.join(File.pathSeparator, classPath));
    command.add(main.getName());
    command.addAll(List.of(args));
    return command;
  }
}
