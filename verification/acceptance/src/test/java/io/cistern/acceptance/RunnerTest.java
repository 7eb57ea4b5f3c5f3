package io.cistern.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.MemoryPool;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/** A check that should fail does, whatever the way, and the run goes on. Time budget: 2 s. */
class RunnerTest {
  private static Result run(Check.Body body) {
    Suite suite =
        new Suite.Builder("R0", "prism", "made up")
            .check("made up", "nothing", Limit.atMost(10, "B"), body)
            .build();
    return Acceptance.run(suite, suite.checks().getFirst());
  }

  @Test
  void figureWithinLimitPasses() {
    Result result = run(pools -> 10);
    assertThat(result.passed()).isTrue();
    assertThat(result.failure()).isNull();
    assertThat(result.figure()).isEqualTo(10.0);
    assertThat(result.figureText()).isEqualTo("10 B");
    assertThat(result.took()).isPositive();
    assertThat(result.id()).isEqualTo("R0.1");
  }

  @Test
  void figureOutsideLimitFails() {
    Result result = run(pools -> 11);
    assertThat(result.passed()).isFalse();
    assertThat(result.failure()).isEqualTo("11 B, allowed is ≤ 10 B");
    assertThat(result.figureText()).isEqualTo("11 B");
  }

  @Test
  void notANumberFails() {
    assertThat(run(pools -> Double.NaN).passed()).isFalse();
  }

  @Test
  void contradictionFailsWithItsPlace() {
    Result result =
        run(pools -> {
          Expect.equal("blocks", 3, 4);
          return 0;
        });
    assertThat(result.failure()).matches("blocks: 4, expected 3 \\(RunnerTest\\.java:\\d+\\)");
    assertThat(result.figure()).isNull();
    assertThat(result.figureText()).isEqualTo("-");
  }

  @Test
  void exceptionFailsWithItsMessage() {
    Result result = run(pools -> Integer.parseInt("none"));
    assertThat(result.failure())
        .startsWith("java.lang.NumberFormatException: For input string: \"none\"");
  }

  @Test
  void exceptionOfAThreadFailsWithItsOwnMessage() {
    Result result =
        run(pools -> {
          throw new ExecutionException(new CheckFailedException("made up"));
        });
    assertThat(result.failure()).startsWith("made up (RunnerTest.java:");
  }

  @Test
  void errorFailsWithItsMessage() {
    Result result =
        run(pools -> {
          throw new AssertionError("made up");
        });
    assertThat(result.failure()).startsWith("java.lang.AssertionError: made up (RunnerTest.java:");
  }

  @Test
  void interruptFailsAndIsKept() {
    Result result =
        run(pools -> {
          throw new InterruptedException("made up");
        });
    assertThat(Thread.interrupted()).isTrue();
    assertThat(result.failure()).startsWith("java.lang.InterruptedException: made up");
  }

  @Test
  void liveBlockFailsAndItsPoolIsClosed() {
    List<MemoryPool> opened = new ArrayList<>();
    Result result =
        run(pools -> {
          opened.add(pools.pool());
          pools.pool().allocateHandle(1);
          return 0;
        });
    assertThat(result.failure()).contains("live blocks of pool", "after the check: 1, expected 0");
    assertThat(opened).allMatch(MemoryPool::isClosed);
  }

  @Test
  void liveBlockOfFurtherPoolFails() {
    Result result =
        run(pools -> {
          pools.open(MemoryPool.builder().name("more").tier(8, 1)).allocateHandle(1);
          return 0;
        });
    assertThat(result.failure())
        .contains("live blocks of pool 'more' after the check: 1, expected 0");
  }

  @Test
  void profileThatDoesNotOpenFailsItsChecks() {
    Suite suite =
        new Suite.Builder("R0", "./none.conf", "made up")
            .check("made up", "nothing", Limit.atMost(10, "B"), pools -> 0)
            .build();
    Result result = Acceptance.run(suite, suite.checks().getFirst());
    assertThat(result.failure()).contains("none.conf");
  }

  @Test
  void runGoesOnAfterFailures() {
    Suite suite =
        new Suite.Builder("R0", "prism", "made up")
            .check("one", "fails", Limit.exactly(1, "B"), pools -> 2)
            .check("two", "passes", Limit.exactly(1, "B"), pools -> 1)
            .build();
    List<String> heard = new ArrayList<>();
    Report report =
        Acceptance.runSuites(
            List.of(suite),
            new AcceptanceListener() {
              @Override
              public void onSuite(Suite begun) {
                heard.add(begun.title());
              }

              @Override
              public void onResult(Result result) {
                heard.add(result.id() + " " + result.passed());
              }
            });
    assertThat(heard).containsExactly("made up", "R0.1 false", "R0.2 true");
    assertThat(report.ok()).isFalse();
    assertThat(report.failed()).isEqualTo(1);
    assertThat(report.passed()).isEqualTo(1);
    assertThat(report.took()).isPositive();
  }

  @Test
  void emptyRunIsNotOk() {
    assertThat(Acceptance.run(List.of(), AcceptanceListener.SILENT).ok()).isFalse();
  }

  @Test
  void unknownProfileNamesThoseThereAre() {
    assertThatThrownBy(() -> Acceptance.run(List.of("prism", "nope"), AcceptanceListener.SILENT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "no acceptance suite for profile 'nope'; there are: prism, prism-2k, modesp, esp32s3, audio, numeric");
  }
}
