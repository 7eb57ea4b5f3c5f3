package io.cistern.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The live screen as a person sees it, on a pseudo-terminal. Time budget: 20 s. */
@Timeout(240)
@EnabledOnOs(OS.LINUX)
class TopScreenTest {
  private static final String ALTERNATE = "\033[?1049h";
  private static final String BACK = "\033[?7h\033[?25h\033[?1049l";

  private static Process target;

  @TempDir private Path folder;

  @BeforeAll
  static void startTarget() throws Exception {
    assumeTrue(Pty.isAvailable(), "util-linux's script makes the pseudo-terminal");
    target = startOther();
  }

  private static Process startOther() throws Exception {
    Process process = new ProcessBuilder(Jvm.command(TopTarget.class)).start();
    BufferedReader lines = process.inputReader();
    for (String line = lines.readLine(); !"ready".equals(line); line = lines.readLine()) {
      assertThat(line).as("the target's output").isNotNull();
    }
    return process;
  }

  @AfterAll
  static void endTarget() {
    if (target != null) {
      target.destroyForcibly();
    }
  }

  private Pty top(int columns, int rows, String environment, Process process, String... more)
      throws Exception {
    List<String> arguments =
        new ArrayList<>(
            List.of("top", "--pid", Long.toString(process.pid()), "--interval", "200ms"));
    arguments.addAll(Arrays.asList(more));
    return new Pty(
        folder,
        columns,
        rows,
        environment,
        Jvm.command(Cistern.class, arguments.toArray(String[]::new)));
  }

  @Test
  void showsScrollsFollowsTheSizeAndLeavesTheTerminalAsItWas() throws Exception {
    try (Pty pty = top(80, 24, "TERM=xterm LC_ALL=C.UTF-8", target)) {
      pty.awaitText("telemetry");
      pty.awaitText("0 alloc/s");
      assertThat(pty.text())
          .contains("cistern top  process " + target.pid(), "37 KiB of 104 KiB used (35.6 %)")
          .contains("  256 B      ████████▊", "     20     32     20")
          .contains(
              "      8      8      8", "guests", "s sort  p pause", "by used", "fail/s spill/s");
      assertThat(pty.raw()).contains(ALTERNATE, "\033[31m", "\033[32m");
      pty.press("s");
      pty.awaitText("by rate");
      pty.press("d");
      pty.awaitText("· dump");
      pty.awaitText("pool 'frames'");
      assertThat(pty.text()).doesNotContain("quota guests");
      pty.press("\033[F");
      pty.awaitText("quota guests");
      pty.resize(160, 50);
      pty.awaitText("arrows, page up");
      pty.press("q");
      pty.awaitText("messages");
      assertThat(pty.text().lines().filter(line -> !line.isBlank()).toList().getLast())
          .hasSizeGreaterThan(150);
      pty.press("v");
      pty.awaitText("pool 'assets': 0 blocks, ok");
      pty.press("l");
      pty.awaitText("live for 10 s or more");
      pty.press("?");
      pty.awaitText("sort pools");
      pty.press("\033");
      pty.awaitText("telemetry");
      pty.press(" ");
      pty.awaitText("PAUSED");
      pty.press("q");
      assertThat(pty.awaitEnd()).isZero();
      assertLeftAsFound(pty);
    }
  }

  private static void assertLeftAsFound(Pty pty) throws Exception {
    assertThat(pty.modes("after")).isEqualTo(pty.modes("before"));
    assertThat(pty.raw()).contains(BACK).doesNotContain("\tat ", "WARNING");
    assertThat(pty.raw().indexOf(BACK, pty.raw().indexOf(BACK) + 1)).isEqualTo(-1);
  }

  @Test
  void controlCQuits() throws Exception {
    try (Pty pty = top(80, 24, "TERM=xterm LC_ALL=C.UTF-8 NO_COLOR=1", target)) {
      pty.awaitText("telemetry");
      assertThat(pty.raw()).doesNotContainPattern("\033\\[[0-9;]*m");
      pty.press("\003");
      assertThat(pty.awaitEnd()).isZero();
      assertLeftAsFound(pty);
    }
  }

  @Test
  void theTargetDies() throws Exception {
    Process mortal = startOther();
    try (Pty pty = top(60, 15, "TERM=xterm LC_ALL=C.UTF-8", mortal)) {
      pty.awaitText("256 B");
      mortal.destroyForcibly();
      assertThat(pty.awaitEnd()).isEqualTo(1);
      assertLeftAsFound(pty);
      assertThat(pty.text()).contains("process " + mortal.pid()).contains("is gone: ");
    }
  }

  @Test
  void onADumbTerminalThereAreLines() throws Exception {
    try (Pty pty = top(100, 24, "TERM=dumb LC_ALL=C.UTF-8", target)) {
      pty.awaitText("used 37 KiB of 104 KiB (35.6 %)");
      assertThat(pty.raw()).doesNotContain("\033");
      pty.press("\003");
      assertThat(pty.awaitEnd()).isZero();
    }
  }
}
