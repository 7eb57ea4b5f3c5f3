package io.cistern.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.config.Profile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Profiles, lines and exit codes of {@code cistern tune}. Time budget: 15 s. */
class TuneCommandTest {
  /** Two blocks of 100 B and one of 1000 B at once: 104 · 2 + 1000 = 1208 B. */
  private static final String MADE = "1\n1\na 0 100\na 1 100\na 2 1000\nf 0\na 3 50\n";

  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private String made = "";

  @BeforeEach
  void writeTrace() throws IOException {
    made = Files.writeString(folder.resolve("made.rep"), MADE).toString();
  }

  private int run(String... args) {
    return Cistern.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(args);
  }

  @Test
  void profileIsWrittenAndReplays() {
    String profile = folder.resolve("mine.conf").toString();
    assertThat(run("tune", made, "--out", profile)).as(err.toString()).isZero();
    assertThat(out.toString())
        .contains("made.rep: 5 operations on 4 blocks, peak 1200 B")
        .containsPattern("these tiers +1,208 B  1\\.007 × peak live bytes")
        .containsPattern("tiers of powers of two +1,280 B")
        .containsPattern("pool of variable sizes, smallest region +1,2\\d\\d B")
        .contains("replayed on a pool of these tiers: 1 of 1 traces, 0 failures")
        .contains("written to " + profile);
    Profile loaded = Profile.load(profile);
    assertThat(loaded.name()).isEqualTo("mine");
    assertThat(loaded.budgetBytes()).isEqualTo(1208);
    assertThat(loaded.regionBytes()).isEqualTo(1208);
    assertThat(run("replay", made, "--pool", "tiers:" + profile)).as(err.toString()).isZero();
  }

  @Test
  void demoTakesTheProfile() {
    String profile = folder.resolve("mine.conf").toString();
    assertThat(run("tune", made, "--out", profile)).isZero();
    assertThat(run("demo", "--profile", profile, "--duration", "10ms", "--clients", "0"))
        .as(err.toString())
        .isZero();
  }

  @Test
  void withoutAFileTheProfileIsPrinted() {
    assertThat(run("tune", made, "--headroom", "50%", "--tiers", "1")).isZero();
    assertThat(out.toString())
        .contains("  without headroom ")
        .contains("# 5,000 B in 5 blocks, 50 % more than the traces need.")
        .contains("budget = 5000 B")
        .contains("    { size = 1000 B, count = 5 }\n")
        .contains("powers of two do with no more memory here: allow more tiers (--tiers)");
  }

  @Test
  void aBudgetThatIsEnough() {
    assertThat(run("tune", made, "--budget", "2KiB")).isZero();
    assertThat(out.toString()).contains("budget = 2048 B");
  }

  @Test
  void aBudgetThatIsNotEnoughNamesTheSmallest() {
    Path profile = folder.resolve("none.conf");
    assertThat(
            run(
                "tune",
                made,
                "--budget",
                "1207",
                "--headroom",
                "100%",
                "--out",
                profile.toString()))
        .isEqualTo(1);
    assertThat(out.toString())
        .contains(
            "cannot be done within 1,207 B: the smallest budget found for up to 16 tiers is 2,416 B, and 1,208 B without headroom");
    assertThat(profile).doesNotExist();
    assertThat(run("tune", made, "--budget", "1208")).isZero();
  }

  @Test
  void chart() throws Exception {
    Path chart = folder.resolve("c.svg");
    assertThat(run("tune", made, made, "--chart", chart.toString())).isZero();
    assertThat(Files.readString(chart)).contains("tiers for 2 traces", "1 × 1,000 B");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          TRACE --tiers 0          | --tiers 0: must be from 1 to 64
          TRACE --tiers 65         | --tiers 65: must be from 1 to 64
          TRACE --budget 0         | '0' is not a size
          TRACE --budget 5KB       | '5KB' is not a size
          TRACE --budget 9999999G  | '9999999G' is not a size
          TRACE --headroom -5%     | '-5%' is not a share
          TRACE --headroom 1001    | '1001' is not a share
          TRACE --headroom x       | 'x' is not a share
          TRACE --out profile.txt  | --out profile.txt: must end in .conf, as profiles do
          TRACE --out none/p.conf  | --out none/p.conf: there is no folder
          TRACE --chart c.pdf      | --chart c.pdf: must end in .svg or .png
          EMPTY                    | nothing is allocated in the traces: no tier is needed
          none.rep                 | none.rep: there is no such file
          """)
  void wrongUsage(String arguments, String message) throws Exception {
    String empty = Files.writeString(folder.resolve("e.rep"), "1\n0\n0\n0\n").toString();
    String line = "tune " + arguments.replace("TRACE", made).replace("EMPTY", empty);
    assertThat(run(line.split(" "))).isEqualTo(2);
    assertThat(err.toString()).contains(message, "Try 'cistern tune --help'.");
    assertThat(err.toString()).doesNotContain("\tat ");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void sizesAndShares() {
    BytesConverter bytes = new BytesConverter();
    assertThat(bytes.convert("57344")).isEqualTo(57_344);
    assertThat(bytes.convert("64KiB")).isEqualTo(65_536);
    assertThat(bytes.convert("64 K")).isEqualTo(65_536);
    assertThat(bytes.convert("4M")).isEqualTo(4 << 20);
    assertThat(bytes.convert("2 GiB")).isEqualTo(2L << 30);
    assertThat(bytes.convert("512 B")).isEqualTo(512);
    PercentConverter percent = new PercentConverter();
    assertThat(percent.convert("25%")).isEqualTo(0.25);
    assertThat(percent.convert("12.5 %")).isEqualTo(0.125);
    assertThat(percent.convert("0")).isZero();
  }
}
