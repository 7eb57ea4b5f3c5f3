package io.cistern.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.PoolManager;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The screen as text, from real snapshots. Time budget: 2 s. */
class TopTableTest {
  private static final Style PLAIN = new Style(false, true);

  private static String body(TopSample sample, int width) {
    return String.join("\n", new TopTable(PLAIN, width).body(sample, TopSort.USED));
  }

  @Test
  void poolsTiersQuotasLabelsAndSites() {
    assertThat(new TopTable(PLAIN, 80).body(TopSamples.ordinary(), TopSort.USED))
        .containsExactly(
            " assets       ██████▌·······  29.3K    64K  29.3K       0       0      0       0",
            "   fallback   ··············     0B     8K              0       0      0       0",
            " frames       █▌············   4.3K    40K              2       2      0       0",
            "   256 B      ▌·············      1     32      2       2       2      0       0",
            "   4 KiB      █▊············      1      8      1       0       0      0       0",
            "",
            " quotas: bytes used, limit, peak",
            " guests       ··············     0B    64K     0B         refused      0",
            "   radio      ··············     0B     1K     0B         refused      0",
            "",
            " labels: bytes live, blocks",
            " telemetry    █▌············   4.3K      2              2       2      0       0",
            "",
            " top sites: bytes, blocks, age of the oldest, pool, place < callers",
            "    3.9K      20       4.2 s  frames  Frames.take(Frames.java:33) < Loop.run(Lo…");
    assertThat(body(TopSamples.ordinary(), 100))
        .endsWith("frames  Frames.take(Frames.java:33) < Loop.run(Loop.java:9)");
  }

  @Test
  void theWhole() {
    assertThat(new TopTable(PLAIN, 80).head(TopSamples.ordinary()))
        .containsExactly(
            " memory  33.5 KiB of 104 KiB used (32.3 %) · NORMAL · 2 alloc/s, 0 failed/s",
            " budget  112 KiB of 1 MiB taken · regions 104 KiB · waiting 0 · violations 0");
    assertThat(new TopTable(PLAIN, 80).columns(true))
        .isEqualTo(
            " pool, tier   used, peak       used  total   peak alloc/s  free/s fail/s spill/s");
  }

  @ParameterizedTest
  @ValueSource(ints = {80, 91, 92, 100, 160, 200, 300})
  void takesTheRoomThereIs(int width) {
    TopTable table = new TopTable(PLAIN, width);
    assertThat(table.columns(true).length()).isBetween(Math.min(width, 160) - 1, width);
    assertThat(table.body(TopSamples.ordinary(), TopSort.USED))
        .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(width));
    assertThat(
            table.body(TopSamples.ordinary(), TopSort.USED).stream()
                .anyMatch(l -> l.contains("messages")))
        .isEqualTo(width >= 92);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 20, 79})
  void aNarrowTerminalIsNoReasonToFail(int width) {
    assertThat(new TopTable(PLAIN, width).body(TopSamples.ordinary(), TopSort.NAME)).isNotEmpty();
  }

  @Test
  void beforeTheSecondSnapshotThereAreNoRates() {
    try (PoolManager manager = TopSamples.manager()) {
      TopSample first = TopSample.after(null, manager.stats(), List.of());
      assertThat(new TopTable(PLAIN, 80).head(first).getFirst()).contains("NORMAL · measuring");
      assertThat(body(first, 80)).doesNotContain("       0       0      0       0");
      assertThat(TopFlow.perSecond(first.stats(), first.stats())).as("no time passed").isEmpty();
    }
  }

  @Test
  void onceCountsFromTheStart() {
    try (PoolManager manager = TopSamples.manager()) {
      manager.pool("frames").allocate(10).close();
      TopSample once = TopSample.once(manager.stats(), List.of());
      assertThat(new TopTable(PLAIN, 80).columns(once.perSecond()))
          .endsWith("alloc    free   fail   spill");
      assertThat(new TopTable(PLAIN, 80).head(once).getFirst()).contains("1 allocations, 0 failed");
    }
  }

  @Test
  void sorts() {
    TopSample sample = TopSamples.ordinary();
    assertThat(pools(sample, TopSort.USED)).containsExactly("assets", "frames");
    assertThat(pools(sample, TopSort.RATE)).containsExactly("frames", "assets");
    assertThat(pools(sample, TopSort.NAME)).containsExactly("assets", "frames");
    TopSample failing =
        new TopSample(
            sample.stats(), Map.of("pool frames", new TopFlow(0, 0, 7, 0)), true, List.of());
    assertThat(pools(failing, TopSort.FAILED)).containsExactly("frames", "assets");
    assertThat(TopSort.NAME.next()).isEqualTo(TopSort.USED);
  }

  private static List<String> pools(TopSample sample, TopSort sort) {
    return sample.stats().pools().stream()
        .sorted(sort.order(sample.flows()))
        .map(io.cistern.PoolStats::pool)
        .toList();
  }

  @Test
  void whatTheProcessSaysCannotDrawOnTheTerminal() {
    TopSample sample = TopSamples.ordinary();
    TopSample hostile =
        new TopSample(
            sample.stats(), sample.flows(), true, List.of(TopSamples.site("Evil\033[2J\u202e.x")));
    assertThat(body(hostile, 80))
        .doesNotContain("\033")
        .doesNotContain("\u202e")
        .contains("Evil?[2J?.x");
    assertThat(Printable.of("a\tb\nc\u0085")).isEqualTo("a b?c?");
  }

  @Test
  void bytesInFiveCharacters() {
    assertThat(List.of(0L, 1023L, 1024L, 31_950L, 102_000L, 102_350L, 1_048_064L, 1L << 40))
        .extracting(Figures::bytes)
        .containsExactly("0B", "1023B", "1K", "31.2K", "99.6K", "100K", "1M", "1T");
    assertThat(IntStream.range(0, 63).mapToObj(i -> Figures.bytes(1L << i)))
        .allSatisfy(text -> assertThat(text.length()).isLessThanOrEqualTo(8));
  }
}
