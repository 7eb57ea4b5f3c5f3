package io.cistern.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.PressureLevel;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The live table as text. Time budget: 1 s. */
class LiveTableTest {
  private static final Style PLAIN = new Style(false, true);
  private static final Style COLOUR = new Style(true, true);
  private static final Style ASCII = new Style(false, false);

  private static LiveTable table(Style style) {
    return new LiveTable(
        "prism", "ws://127.0.0.1:34637/", Duration.ofSeconds(30), 96_000_000, style);
  }

  static String visible(String line) {
    return line.replaceAll("\033\\[[0-9;]*m", "");
  }

  @Test
  void looksLikeThis() {
    assertThat(String.join("\n", table(PLAIN).render(Samples.ordinary())))
        .isEqualTo(
            """
             cistern demo  prism            ws://127.0.0.1:34637/            00:12 of 00:30\s
            ────────────────────────────────────────────────────────────────────────────────
             block    meant for              used in this second    used  free  peak alloc/s
             256 B    messages and commands  ███▍·············│···     5    27    26    2610
             1 KiB    patterns and templates █████████████████▏··│    13     3    16    1024
             4 KiB    WebSocket frames       █████████████████████     8     0     8     999
            ────────────────────────────────────────────────────────────────────────────────
             frames   echoed 55,111 · 4,998/s · busy 6,100 · too large 12 · aborted 11
             pools    4,633 allocations/s · failed 6,100 (+321) · spills 271 · live 0
             process  RSS 112.5 MiB (start 91.6 MiB) · 12 collections in 45 ms · 8 clients\
            """);
  }

  @Test
  void fitsInto80ColumnsWhateverTheFigures() {
    for (Style style : List.of(PLAIN, COLOUR, ASCII)) {
      assertThat(table(style).render(Samples.extreme()))
          .allSatisfy(line -> assertThat(visible(line)).hasSizeLessThanOrEqualTo(LiveTable.WIDTH));
    }
  }

  @Test
  void longNamesFitToo() {
    LiveTable table =
        new LiveTable("p".repeat(90), "ws://127.0.0.1:34637/", Duration.ofDays(2), 0, PLAIN);
    assertThat(table.render(Samples.ordinary()))
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(LiveTable.WIDTH));
  }

  @Test
  void manyTiersAreCutAndCounted() {
    List<String> lines = table(PLAIN).render(Samples.extreme());
    assertThat(lines).hasSize(3 + 12 + 1 + 4).contains(" and 8 more tiers");
  }

  @Test
  void asciiWhereTheCharacterSetHasNoBars() {
    String text = String.join("\n", table(ASCII).render(Samples.ordinary()));
    assertThat(text.chars()).allMatch(c -> c < 128);
    assertThat(text).contains("####.............|...");
  }

  @Test
  void colourSaysHowTightItIs() {
    List<String> lines = table(COLOUR).render(Samples.ordinary());
    assertThat(lines.get(3)).contains("\033[32m███▍\033[0m");
    assertThat(lines.get(4)).contains("\033[33m");
    assertThat(lines.get(5)).contains("\033[31m█████████████████████\033[0m");
    assertThat(String.join("", table(PLAIN).render(Samples.ordinary()))).doesNotContain("\033");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 8, ········",
    "0, 1, 8, │·······",
    "1, 1, 8, █·······",
    "1, 8, 8, █······│",
    "8, 8, 8, ████████",
    "1, 1, 1000, ▏·······",
    "999, 999, 1000, ████████",
    "3, 4, 16, █▌······",
    "3, 5, 16, █▌│·····",
  })
  void bars(int used, int peak, int total, String bar) {
    assertThat(PLAIN.bar(8, used, peak, total, PressureLevel.NORMAL)).isEqualTo(bar);
  }
}
