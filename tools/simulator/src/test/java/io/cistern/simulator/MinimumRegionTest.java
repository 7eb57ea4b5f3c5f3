package io.cistern.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** The smallest region, against trying every size of the grid. Time budget: 5 s. */
class MinimumRegionTest {
  private static OptionalLong of(Trace trace) {
    return MinimumRegion.of(trace, ReplayListener.NONE);
  }

  @Test
  void isTheSmallestAboveWhichNoneFails() {
    for (int seed = 0; seed < 12; seed++) {
      Trace trace = Samples.random(seed, 2000);
      long smallest = of(trace).orElseThrow();
      long peak = trace.peakLiveBytes();
      long below = -1;
      for (int step = 64; step <= 160; step++) {
        long bytes = ((peak * step + 63) / 64 + 7) & -8;
        if (!MinimumRegion.completes(trace, bytes)) {
          below = bytes;
        }
      }
      assertThat(smallest).as("seed %d", seed).isGreaterThanOrEqualTo(peak).isGreaterThan(below);
      assertThat(smallest - Math.max(below, peak - 1)).isLessThanOrEqualTo(peak / 64 + 16);
    }
  }

  @Test
  void whatIsNeverFreedPacksWithoutAGap() {
    Trace trace = Samples.of("a 0 64", "a 1 128", "a 2 64");
    assertThat(of(trace)).hasValue(256);
    assertThat(MinimumRegion.completes(trace, 248)).isFalse();
  }

  @Test
  void aResizeThatMovesNeedsBothPlaces() {
    Trace trace = Samples.of("a 0 640", "a 1 640", "r 0 1200", "r 1 1200");
    assertThat(MinimumRegion.completes(trace, 2400)).isFalse();
    assertThat(MinimumRegion.completes(trace, 4800)).isTrue();
    assertThat(MinimumRegion.completes(Samples.of("a 0 640", "r 0 1280"), 1280)).isTrue();
  }

  @Test
  void nothingToComplete() {
    assertThat(of(Samples.parse("1\n0\n0\n0\n"))).isEmpty();
  }

  @Test
  void canBeStopped() {
    assertThat(MinimumRegion.of(Samples.random(1, 100), (trace, step, share) -> false)).isEmpty();
  }
}
