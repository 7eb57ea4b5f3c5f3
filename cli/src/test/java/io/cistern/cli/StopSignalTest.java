package io.cistern.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A demo in a process of its own, ended from outside. Time budget: 30 s. */
@Timeout(60)
class StopSignalTest {
  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void endsInOrderWithItsSummaryAndItsExitCode(String signal, @TempDir Path folder)
      throws Exception {
    assumeFalse(isIgnored(signal), "SIG" + signal + " is ignored by whoever started this");
    Path report = folder.resolve("demo.json");
    try (DemoProcess demo =
        DemoProcess.start(
            "--duration", "1h", "--clients", "2", "--rate", "500", "--json", report.toString())) {
      demo.awaitLine("echoed");
      assertThat(
              new ProcessBuilder("kill", "-" + signal, Long.toString(demo.pid())).start().waitFor())
          .isZero();
      assertThat(demo.awaitEnd()).containsPattern("verify +ok").doesNotContain("\tat ");
      assertThat(demo.exitCode()).isZero();
    }
    JsonNode json = JsonMapper.shared().readTree(Files.readString(report));
    assertThat(json.get("liveBlocks").asInt()).isZero();
    assertThat(json.get("durationSeconds").asDouble()).isLessThan(60);
  }

  @Test
  void theWishIsHeardOnce() {
    try (StopSignal stop = new StopSignal()) {
      assertThat(stop.isWantedWithin(1)).isFalse();
    }
  }

  /** What is ignored is ignored by children too: a bit in the status of this process. */
  private static boolean isIgnored(String signal) throws Exception {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return false;
    }
    int number = signal.equals("INT") ? 2 : 15;
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("SigIgn:"))
          .anyMatch(line ->
              BigInteger.valueOf(Long.parseUnsignedLong(line.substring(7).strip(), 16))
                  .testBit(number - 1));
    }
  }
}
