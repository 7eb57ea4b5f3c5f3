package io.cistern.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cistern.benchmarks.run.Sample;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Medians, errors and means, on numbers that can be checked by hand. Time budget: 1 s. */
class FigureTest {
  private static List<Sample> fork(double... ns) {
    return Arrays.stream(ns).mapToObj(value -> new Sample(0, value, value * 2)).toList();
  }

  @Test
  void severalForksCountWithTheirMediansEach() {
    Figure figure = Figure.of(List.of(fork(10, 11, 500), fork(12, 13, 14), fork(1, 20, 30)));
    assertThat(figure).isEqualTo(new Figure(13, (20 - 11) / 2.0, 26));
  }

  @Test
  void oneForkCountsWithItsIterations() {
    assertThat(Figure.of(List.of(fork(10, 12, 11, 17)))).isEqualTo(new Figure(11.5, 3.5, 23));
  }

  @Test
  void theGeometricMeanOfFourAndNineIsSix() {
    Figure mean = Figure.geometricMean(List.of(new Figure(4, 0.4, 10), new Figure(9, 0, 30)));
    assertThat(mean.nsPerOp()).isCloseTo(6, within(1e-9));
    assertThat(mean.errorNs()).isCloseTo(6 * 0.1 / 2, within(1e-9));
    assertThat(mean.bytesPerOp()).isEqualTo(20);
  }
}
