package io.cistern.benchmarks.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cistern.benchmarks.pattern.Pattern;
import io.cistern.benchmarks.subject.Subject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real forks, as short as they can be. Time budget: 20 s. */
class ForkRunnerTest {
  private static final Effort SHORTEST = new Effort(1, 2, Duration.ofMillis(20));

  @TempDir private Path scratch;

  @Test
  void aForkGivesASampleOfEverySizeInEveryRound() throws ForkFailedException {
    Cell cell = Cell.sized(Pattern.PAIR, Subject.CISTERN_SHARED, 2, List.of(64, 1024));
    ForkResult result = new ForkRunner(scratch).run(cell, SHORTEST);
    assertThat(result.samples()).extracting(Sample::size).containsExactly(64, 1024, 64, 1024);
    assertThat(result.samples())
        .allSatisfy(sample -> assertThat(sample.nsPerOp()).isPositive().isFinite())
        .allSatisfy(sample -> assertThat(sample.bytesPerOp()).isNotNegative());
    assertThat(result.latencies()).isEmpty();
  }

  /** Each of them needs flags, or a library that is preloaded. */
  @ParameterizedTest
  @EnumSource(
      value = Subject.class,
      names = {"JEMALLOC_FFM", "TCMALLOC_FFM", "NETTY_ADAPTIVE", "ARROW"})
  void aForkGetsWhatItsSubjectNeeds(Subject subject) throws ForkFailedException {
    subject
        .library()
        .ifPresent(library -> assumeTrue(library.isInstalled(), library + " is not installed"));
    Cell cell = Cell.of(Pattern.HANDOFF, subject, 2);
    assertThat(new ForkRunner(scratch).run(cell, SHORTEST).samples()).hasSize(2);
  }

  @Test
  void latenciesComeAsAHistogramWithoutThoseOfWarmup() throws ForkFailedException {
    Cell cell = Cell.of(Pattern.LATENCY, Subject.CISTERN_SHARED, 1);
    ForkResult result = new ForkRunner(scratch).run(cell, new Effort(1, 2, Duration.ofSeconds(1)));
    assertThat(result.latencies().orElseThrow().getTotalCount()).isEqualTo(2 * 100_000);
  }

  @Test
  void aForkThatFailsSaysWhy() {
    Cell cell = Cell.refused(Subject.MALLOC_FFM, 1, 64);
    assertThatExceptionOfType(ForkFailedException.class)
        .isThrownBy(() -> new ForkRunner(scratch).run(cell, SHORTEST))
        .withMessageStartingWith("refused of 64 blocks, 1 thread, malloc-ffm: ")
        .withMessageContaining("malloc-ffm is no kind of pool");
  }
}
