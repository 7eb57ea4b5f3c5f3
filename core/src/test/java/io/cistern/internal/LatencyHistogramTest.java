package io.cistern.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Buckets without gaps or overlaps, and figures within the error that is promised. */
class LatencyHistogramTest {
  private static final int BUCKETS = 488;

  @Test
  void bucketsFollowEachOtherWithoutGaps() {
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      long highest = LatencyHistogram.highest(bucket);
      assertThat(LatencyHistogram.bucket(highest)).isEqualTo(bucket);
      if (bucket < BUCKETS - 1) {
        assertThat(LatencyHistogram.bucket(highest + 1)).isEqualTo(bucket + 1);
      }
    }
    assertThat(LatencyHistogram.highest(BUCKETS - 1)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void everyBucketIsNarrowerThanThePromisedError() {
    long lowest = 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      long highest = LatencyHistogram.highest(bucket);
      assertThat(highest - lowest).isLessThanOrEqualTo((long) (0.13 * lowest));
      lowest = highest + 1;
    }
  }

  @Test
  void everySmallValueFallsWhereItBelongs() {
    int before = 0;
    for (long value = 0; value < 1 << 20; value++) {
      int bucket = LatencyHistogram.bucket(value);
      if (bucket < before || value > LatencyHistogram.highest(bucket)) {
        throw new AssertionError(value + " is in bucket " + bucket);
      }
      before = bucket;
    }
  }

  @Test
  void nothingRecordedIsZero() {
    LatencyHistogram histogram = new LatencyHistogram();
    assertThat(histogram.samples()).isZero();
    assertThat(histogram.total()).isZero();
    assertThat(histogram.max()).isZero();
    assertThat(histogram.quantile(0.5, 0)).isZero();
  }

  @Test
  void quantilesAreTooHighByLessThan13Percent() {
    LatencyHistogram histogram = new LatencyHistogram();
    IntStream.rangeClosed(1, 100_000).forEach(histogram::record);
    assertThat(histogram.samples()).isEqualTo(100_000);
    assertThat(histogram.total()).isEqualTo(5_000_050_000L);
    assertThat(histogram.max()).isEqualTo(100_000);
    for (double quantile : new double[] {0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 1}) {
      double exact = Math.ceil(quantile * 100_000);
      assertThat((double) histogram.quantile(quantile, 100_000)).isBetween(exact, 1.13 * exact);
    }
  }

  @Test
  void aQuantileIsNeverAboveTheMaximum() {
    LatencyHistogram histogram = new LatencyHistogram();
    histogram.record(1025);
    assertThat(histogram.quantile(0.5, 1)).isEqualTo(1025);
    assertThat(histogram.quantile(1, 1)).isEqualTo(1025);
  }

  @Test
  void timeThatRanBackwardsCountsAsZero() {
    LatencyHistogram histogram = new LatencyHistogram();
    histogram.record(-5);
    histogram.record(Long.MIN_VALUE);
    assertThat(histogram.samples()).isEqualTo(2);
    assertThat(histogram.total()).isZero();
    assertThat(histogram.quantile(1, 2)).isZero();
  }
}
