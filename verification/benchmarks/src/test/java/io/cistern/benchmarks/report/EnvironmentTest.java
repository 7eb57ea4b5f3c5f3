package io.cistern.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What a report says about where it comes from. Time budget: 1 s. */
class EnvironmentTest {
  @Test
  void versionsComeFromTheNamesOfTheJars() {
    assertThat(
            Environment.jars(
                "/a/netty-buffer-4.2.20.Final.jar:/b/core/target/classes:/c/jetty-io-12.1.12.jar:x/jopt-simple-5.0.4.jar"))
        .containsExactly("jetty-io 12.1.12", "netty-buffer 4.2.20.Final");
  }

  @Test
  void everyPeerOfThisClassPathHasAVersion() {
    Environment here = Environment.here();
    assertThat(String.join(", ", here.peers()))
        .contains("netty-buffer 4.", "jetty-io 12.", "arrow-memory-core 19.", "kafka-clients 4.");
    assertThat(here.machine()).contains("core");
    assertThat(here.jdk()).contains(String.valueOf(System.getProperty("java.vm.version")));
  }

  @Test
  void onlyANoisyMachineIsWarnedOf() {
    int cores = Runtime.getRuntime().availableProcessors();
    assertThat(withLoad(0.25 * cores).warning()).isEmpty();
    assertThat(withLoad(-1).warning()).isEmpty();
    assertThat(withLoad(cores).warning().orElseThrow())
        .contains("load average %.1f".formatted((double) cores));
  }

  private static Environment withLoad(double load) {
    return new Environment("", "", "", List.of(), load);
  }
}
