package io.cistern.benchmarks.pattern;

import org.openjdk.jmh.annotations.Benchmark;

/** A pair. */
public class PairBenchmark extends SizedBenchmark {
  /** Allocates, writes one byte, frees. */
  @Benchmark
  public void pair() {
    once();
  }
}
