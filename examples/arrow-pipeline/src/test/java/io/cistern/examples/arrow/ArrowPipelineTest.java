package io.cistern.examples.arrow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The example as a user runs it: a process, whose output is read. Time budget: 5 seconds. */
@Timeout(60)
class ArrowPipelineTest {
  private static final long NUMBERS = 1_000_000;

  @TempDir private Path folder;

  @Test
  void sumsWhatItWroteAndLeavesNothingLive() throws IOException, InterruptedException {
    Path output = folder.resolve("output.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                ArrowPipeline.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(50, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(output)
        .content(UTF_8)
        .contains("wrote 100 batches of 10000 rows")
        .contains("the sum is %,d%n".formatted(NUMBERS * (NUMBERS - 1) / 2))
        .contains("arrow-tiers", "arrow-any-size")
        .contains("live blocks: 0");
    assertThat(process.exitValue()).isZero();
  }
}
