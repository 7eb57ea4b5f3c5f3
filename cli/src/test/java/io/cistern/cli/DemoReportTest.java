package io.cistern.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.PressureLevel;
import io.cistern.VerifyReport;
import io.cistern.config.Profile;
import io.cistern.gateway.ServerKind;
import io.cistern.gateway.load.LoadStats;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** When a demo is good, and what its summary says. Time budget: 1 s. */
class DemoReportTest {
  private static final VerifyReport GOOD = new VerifyReport("main", 8, true, List.of());
  private static final VerifyReport BAD =
      new VerifyReport("main", 8, true, List.of("block 3 is lost"));

  private static DemoReport report(Sample end, long mismatches, VerifyReport verify) {
    Profile profile = Profile.load("prism");
    DemoOptions options =
        new DemoOptions(
            profile,
            Objects.requireNonNull(profile.frames()),
            Duration.ofSeconds(20),
            0,
            ServerKind.NETTY,
            8,
            5000,
            null,
            null,
            null,
            OptionalInt.empty());
    LoadStats load = new LoadStats(61_000, 55_111, mismatches, 6_100, 12, 12, 20, 0);
    return DemoReport.of(
        options,
        "ws://127.0.0.1:1/",
        20.00049,
        end,
        load,
        DemoReport.Verdict.of(96_000_000, List.of(verify), PressureLevel.NORMAL));
  }

  @Test
  void goodOnlyWhenNothingIsWrong() {
    assertThat(report(Samples.ordinary(), 0, GOOD).exitCode()).isZero();
    assertThat(report(Samples.ordinary(), 1, GOOD).exitCode()).isEqualTo(1);
    assertThat(report(Samples.ordinary(), 0, BAD).exitCode()).isEqualTo(1);
    assertThat(report(Samples.extreme(), 0, GOOD).exitCode()).isEqualTo(1);
    assertThat(report(Samples.extreme(), 0, GOOD).liveBlocks()).isEqualTo(3);
    assertThat(report(Samples.ordinary(), 0, BAD).verify()).contains("block 3 is lost");
  }

  @Test
  void figuresAreThoseOfTheEnd() {
    DemoReport report = report(Samples.ordinary(), 0, GOOD);
    assertThat(report.profile()).isEqualTo("prism");
    assertThat(report.server()).isEqualTo("netty");
    assertThat(report.durationSeconds()).isEqualTo(20.0);
    assertThat(report.framesReceived()).isEqualTo(61_234);
    assertThat(report.checksum()).isEqualTo("00001234");
    assertThat(report.failedAllocations()).isEqualTo(6_100);
    assertThat(report.spills()).isEqualTo(271);
    assertThat(report.regionBytes()).isEqualTo(57_344);
    assertThat(report.budgetBytes()).isEqualTo(164 * 1024);
    assertThat(report.rssStartBytes()).isEqualTo(96_000_000);
    assertThat(report.rssEndBytes()).isEqualTo(118_000_000);
    assertThat(report.tiers()).hasSize(1);
    assertThat(report.verify()).isEqualTo("ok");
  }

  @Test
  void summary() {
    StringWriter text = new StringWriter();
    Summary.print(report(Samples.ordinary(), 0, GOOD), new PrintWriter(text));
    assertThat(text.toString().lines().map(String::stripTrailing))
        .containsExactly(
            "",
            " prism for 20.0 s on ws://127.0.0.1:1/, 77.2 MiB received",
            "",
            " frames received        61,234  100.0 %",
            "   echoed               55,111   90.0 %  checked byte by byte",
            "   busy                  6,100   10.0 %  6,100 answered; the pool was exhausted",
            "   too large                12    0.0 %",
            "   aborted                  11    0.0 %  the client was gone before the echo",
            " allocations      55,122, freed 55,122, failed 6,100, spilled 271, live 0",
            " regions          56 KiB of a budget of 164 KiB",
            " process          RSS 91.6 MiB to 112.5 MiB, 12 collections in 45 ms",
            " verify           ok");
  }

  @Test
  void summaryShoutsWhenAnEchoWasWrong() {
    StringWriter text = new StringWriter();
    Summary.print(report(Samples.ordinary(), 2, GOOD), new PrintWriter(text));
    assertThat(text.toString()).contains("2 NOT EQUAL to what was sent");
  }
}
