package io.cistern.benchmarks.pattern;

import org.openjdk.jmh.annotations.Benchmark;

/** An arena for one allocation. */
public class ArenaBenchmark extends SizedBenchmark {
  /** Opens an arena, allocates, writes one byte, closes. */
  @Benchmark
  public void arena() {
    once();
  }
}
