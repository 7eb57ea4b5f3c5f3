package io.cistern.benchmarks.pattern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;

/** Both sides do the same: what one writes, both read. No timing. */
class TypedBenchmarkTest {
  @Test
  void bothSidesReadWhatEitherWrote() {
    TypedBenchmark benchmark = new TypedBenchmark();
    benchmark.open();
    benchmark.typedSet();
    assertThat(benchmark.typedGet()).isEqualTo(4).isEqualTo(benchmark.handGet());
    benchmark.handSet();
    assertThat(benchmark.typedGet()).isEqualTo(8).isEqualTo(benchmark.handGet());
    benchmark.close();
  }

  /** Closing walks the pool, in which nothing may be live. */
  @Test
  void everyBenchmarkRunsAndLeavesNothingBehind() throws ReflectiveOperationException {
    TypedBenchmark benchmark = new TypedBenchmark();
    benchmark.open();
    for (String name : names().toList()) {
      TypedBenchmark.class.getMethod(name).invoke(benchmark);
    }
    benchmark.close();
    assertThat(names())
        .containsExactlyInAnyOrder(
            "typedSet",
            "handSet",
            "typedGet",
            "handGet",
            "typedPair",
            "handPair",
            "handPairZeroed");
  }

  private static Stream<String> names() {
    return Arrays.stream(TypedBenchmark.class.getMethods())
        .filter(method -> method.isAnnotationPresent(Benchmark.class))
        .map(java.lang.reflect.Method::getName);
  }
}
