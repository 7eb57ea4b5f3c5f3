package io.cistern.jdk;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.management.remote.JMXConnectorServer;
import javax.management.remote.JMXConnectorServerFactory;
import javax.management.remote.JMXServiceURL;

/** A {@link RemoteClient} in a JVM of its own, connected to the bean server of this one. */
final class RemoteProcess implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;

  private final JMXConnectorServer server;
  private final Process process;
  private final PrintWriter commands;
  private final LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private final List<String> notifications = new CopyOnWriteArrayList<>();

  /**
   * Starts the server and the client.
   *
   * @param folder empty; gets the client's classes, and is all of its class path
   */
  RemoteProcess(Path folder) throws IOException {
    server =
        JMXConnectorServerFactory.newJMXConnectorServer(
            new JMXServiceURL("rmi", "127.0.0.1", 0),
            null,
            ManagementFactory.getPlatformMBeanServer());
    server.start();
    copyClasses(folder);
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-cp",
                folder.toString(),
                RemoteClient.class.getName(),
                server.getAddress().toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    commands = new PrintWriter(process.outputWriter(), true);
    Thread.ofPlatform().daemon().start(this::read);
  }

  private static void copyClasses(Path folder) throws IOException {
    Path classes = classes();
    Path target = folder.resolve("io/cistern/jdk");
    Files.createDirectories(target);
    try (Stream<Path> files = Files.list(classes.resolve("io/cistern/jdk"))) {
      for (Path file : files.filter(f -> name(f).startsWith("RemoteClient")).toList()) {
        Files.copy(file, target.resolve(name(file)));
      }
    }
  }

  private static String name(Path file) {
    return file.getFileName().toString();
  }

  private static Path classes() {
    return Path.of("target", "test-classes");
  }

  private void read() {
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("notified ")) {
          notifications.add(line);
        } else {
          answers.add(line.replace("\\n", "\n"));
        }
      }
    } catch (IOException killed) {
      answers.add("gone: " + killed);
    }
  }

  /** The answer to a command. */
  String ask(String command) {
    commands.println(command);
    try {
      return Objects.requireNonNull(
          answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS), "no answer to " + command);
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }

  /** What has come so far. */
  List<String> notifications() {
    return notifications;
  }

  /** Ends it as a crash would. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() {
    kill();
    try {
      server.stop();
    } catch (IOException closing) {
      throw new UncheckedIOException(closing);
    }
  }
}
