package io.cistern.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every check of every suite as a test of its own. Time budget: 20 s over all checks; the last test
 * keeps it.
 */
class AcceptanceTest {
  private static final Duration BUDGET = Duration.ofSeconds(20);

  private final List<Duration> taken = new CopyOnWriteArrayList<>();

  @TestFactory
  Stream<DynamicNode> suites() {
    Stream<DynamicNode> suites = Acceptance.suites().stream().map(this::asContainer);
    return Stream.concat(suites, Stream.of(dynamicTest("time budget", this::keepsBudget)));
  }

  private DynamicNode asContainer(Suite suite) {
    return dynamicContainer(
        suite.reference() + " " + suite.profile(),
        suite.checks().stream().map(check -> asTest(suite, check)));
  }

  private DynamicTest asTest(Suite suite, Check check) {
    return dynamicTest(
        check.toString(),
        () -> {
          Result result = Acceptance.run(suite, check);
          taken.add(result.took());
          assertThat(result.failure())
              .as("%s, %s: %s", check.id(), result.figureText(), check.statement())
              .isNull();
        });
  }

  private void keepsBudget() {
    assertThat(taken.stream().reduce(Duration.ZERO, Duration::plus))
        .isPositive()
        .isLessThan(BUDGET);
  }
}
