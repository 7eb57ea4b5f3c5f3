package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A JVM that records is killed in the middle of it: whatever it had done before it said so is in
 * the file, in whole lines. Time budget: 6 seconds.
 */
@Timeout(60)
class RecordingKilledTest {
  private static final int ROUNDS = 3;
  private static final int ENOUGH = 40_000;
  private static final int EVERY = 1_000;

  @TempDir private Path folder;

  /** What the killed JVM does: pairs without end, and now and then it says how many. */
  static final class Recorder {
    private Recorder() {}

    /** Records into the file that is named. */
    public static void main(String... args) {
      MemoryPool pool = MemoryPool.builder().variable(1 << 16).recordTo(Path.of(args[0])).build();
      for (long pairs = 1; pairs > 0; pairs++) {
        pool.free(pool.allocateHandle(1 + pairs % 1000));
        if (pairs % EVERY == 0) {
          System.out.println(pairs);
          System.out.flush();
        }
      }
    }
  }

  @Test
  void whatWasDoneIsThere() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Path file = folder.resolve(round + ".rep");
      long pairs = killAfter((round + 1L) * ENOUGH, file);
      List<String> operations = TraceLines.read(file).operations();
      assertThat(operations.size())
          .as("of %d operations", 2 * pairs)
          .isGreaterThan((int) pairs * 2 - 1);
      for (int i = 0; i < operations.size(); i++) {
        int id = i / 2;
        assertThat(operations.get(i))
            .isEqualTo(i % 2 == 0 ? "a %d %d".formatted(id, 1 + (id + 1) % 1000) : "f " + id);
      }
    }
  }

  /** The count that the child said last. */
  private static long killAfter(long enough, Path file) throws IOException, InterruptedException {
    Process child =
        new ProcessBuilder(command(file)).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    long said = 0;
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      while (said < enough) {
        String line = out.readLine();
        assertThat(line).as("the child ended early").isNotNull();
        said = Long.parseLong(line);
      }
      child.destroyForcibly();
      assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
    } finally {
      child.destroyForcibly();
    }
    return said;
  }

  private static List<String> command(Path file) {
    List<String> command = new ArrayList<>(java());
    command.addAll(List.of(Recorder.class.getName(), file.toString()));
    return command;
  }

  /** Starts a JVM with the pools and the tests on its class path; options and a class follow. */
  static List<String> java() {
    String classPath =
        Stream.of(MemoryPool.class, Recorder.class)
            .map(type -> Path.of(location(type)).toString())
            .distinct()
            .collect(Collectors.joining(File.pathSeparator));
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp", classPath);
  }

  private static URI location(Class<?> type) {
    try {
      return type.getProtectionDomain().getCodeSource().getLocation().toURI();
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
