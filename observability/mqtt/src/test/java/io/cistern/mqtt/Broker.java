package io.cistern.mqtt;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A real mosquitto on a free port, with its configuration and its log in a folder of the test. It
 * can be stopped, killed, frozen, and started again at the same port.
 */
final class Broker implements AutoCloseable {
  /** Set where nothing may be skipped, as in CI. */
  private static final String NO_SKIPS = "NO_SKIPPED_TESTS";

  private static final List<String> SETTINGS =
      List.of(
          "allow_anonymous true",
          "persistence true",
          "autosave_on_changes true",
          "autosave_interval 1",
          "log_dest stderr",
          "log_type all",
          "user root",
          "max_queued_messages 100000",
          "max_inflight_messages 1000");

  private final Path folder;
  private final int port;
  private final String program;
  private Process process;

  private Broker(Path folder, int port, String program) {
    this.folder = folder;
    this.port = port;
    this.program = program;
    this.process = launch();
  }

  /** Started, and ready to be connected to; more lines of configuration come last, so they win. */
  static Broker start(Path folder, String... more) {
    String program = program("mosquitto");
    int port = freePort();
    List<String> lines = new ArrayList<>(List.of("listener " + port + " 127.0.0.1"));
    List<String> given = List.of(more);
    SETTINGS.stream()
        .filter(line -> given.stream().noneMatch(mine -> sameKey(line, mine)))
        .forEach(lines::add);
    lines.addAll(given);
    lines.add("persistence_location " + folder + "/");
    try {
      Files.write(folder.resolve("mosquitto.conf"), lines);
    } catch (IOException full) {
      throw new UncheckedIOException(full);
    }
    return new Broker(folder, port, program);
  }

  private static boolean sameKey(String line, String other) {
    return line.split(" ", 2)[0].equals(other.split(" ", 2)[0]);
  }

  /** The path of a program; without it the test is skipped, or fails where nothing may be. */
  static String program(String name) {
    return Stream.of(
            "/usr/sbin/",
            "/usr/bin/",
            "/usr/local/sbin/",
            "/usr/local/bin/",
            "/opt/homebrew/sbin/",
            "/opt/homebrew/bin/")
        .map(place -> place + name)
        .filter(path -> Files.isExecutable(Path.of(path)))
        .findFirst()
        .orElseGet(() -> missing(name));
  }

  private static String missing(String name) {
    String message = name + " is not installed: apt install mosquitto mosquitto-clients";
    return System.getenv(NO_SKIPS) == null ? abort(message) : fail(message);
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException none) {
      throw new UncheckedIOException(none);
    }
  }

  int port() {
    return port;
  }

  String log() {
    try {
      return Files.readString(folder.resolve("mosquitto.log"));
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }

  private Process launch() {
    try {
      Process started =
          new ProcessBuilder(program, "-c", folder.resolve("mosquitto.conf").toString())
              .redirectErrorStream(true)
              .redirectOutput(
                  ProcessBuilder.Redirect.appendTo(folder.resolve("mosquitto.log").toFile()))
              .start();
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> isListening() || !started.isAlive());
      if (!started.isAlive()) {
        fail("mosquitto did not start:\n" + log());
      }
      return started;
    } catch (IOException refused) {
      throw new UncheckedIOException(refused);
    }
  }

  private boolean isListening() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  void restart() {
    process = launch();
  }

  /** As an administrator does: the broker says goodbye to everybody. */
  void stop() {
    process.destroy();
    await();
  }

  /** As kill -9 does. */
  void kill() {
    process.destroyForcibly();
    await();
  }

  /** Takes connections, and says nothing. */
  void freeze() {
    signal("STOP");
  }

  void thaw() {
    signal("CONT");
  }

  private void signal(String name) {
    try {
      Process kill = new ProcessBuilder("kill", "-" + name, "" + process.pid()).start();
      if (!kill.waitFor(10, TimeUnit.SECONDS) || kill.exitValue() != 0) {
        fail("kill -" + name + " did not work");
      }
    } catch (IOException refused) {
      throw new UncheckedIOException(refused);
    } catch (InterruptedException stopped) {
      throw new AssertionError(stopped);
    }
  }

  private void await() {
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException stopped) {
      throw new AssertionError(stopped);
    }
  }

  @Override
  public void close() {
    kill();
  }
}
