package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What resident memory a JVM has after regions were given back, with native access allowed: pieces
 * too small for {@code malloc} to map by themselves, among others that stay. Time budget: 3 s.
 */
@Timeout(60)
class PagesGivenBackTest {
  private static final int REGIONS = 120;
  private static final int BLOCKS = 100;
  private static final long BYTES = (long) REGIONS * BLOCKS * 1024;

  /** Takes all regions, with pieces of a pool that stays in between, and gives them back. */
  static final class Child {
    private Child() {}

    /** Prints the resident bytes with all regions, and without. */
    public static void main(String... args) throws IOException {
      try (PoolManager manager =
          PoolManager.builder()
              .pool(
                  "goes",
                  MemoryPool.builder().tier(1024, BLOCKS).regions(0, REGIONS, Duration.ofDays(1)))
              .pool("stays", MemoryPool.builder().tier(1024, 4).regions(0, 100, Duration.ofDays(1)))
              .build()) {
        List<MemoryBlock> live = new ArrayList<>();
        List<MemoryBlock> kept = new ArrayList<>();
        for (int i = 0; i < REGIONS * BLOCKS; i++) {
          live.add(manager.pool("goes").allocate(1024));
          if (i % 300 == 0) {
            kept.add(manager.pool("stays").allocate(1024));
          }
        }
        final long before = resident();
        live.forEach(MemoryBlock::close);
        long given = manager.trim();
        System.out.println(before + " " + resident() + " " + given);
        kept.forEach(MemoryBlock::close);
      }
    }

    private static long resident() throws IOException {
      String pages = Files.readString(Path.of("/proc/self/statm")).split(" ", -1)[1];
      return Long.parseLong(pages) * 4096;
    }
  }

  @Test
  void theSystemHasThemAgain() throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/self/statm")), "resident memory is read on Linux");
    List<String> command = new ArrayList<>(RecordingKilledTest.java());
    command.addAll(
        List.of("-Xmx64m", "-XX:+AlwaysPreTouch", "-Xms64m", "--enable-native-access=ALL-UNNAMED"));
    command.add(Child.class.getName());
    Process child =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
    String[] figures = said.strip().split(" ", -1);
    long given = Long.parseLong(figures[2]);
    assertThat(given).isEqualTo(BYTES);
    assertThat(Long.parseLong(figures[0]) - Long.parseLong(figures[1]))
        .as("resident bytes given back, of %d", BYTES)
        .isGreaterThan(BYTES / 2);
  }
}
