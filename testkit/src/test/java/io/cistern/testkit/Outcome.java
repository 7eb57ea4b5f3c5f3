package io.cistern.testkit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** What came of the tests of a class that was run by JUnit itself. */
final class Outcome {
  private final List<String> passed = new ArrayList<>();
  private final List<String> failed = new ArrayList<>();
  private final List<Throwable> causes = new ArrayList<>();

  private Outcome() {}

  static Outcome of(Class<?> test) {
    return of(test, Map.of());
  }

  static Outcome of(Class<?> test, Map<String, String> parameters) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectClass(test))
            .configurationParameters(parameters)
            .build();
    Outcome outcome = new Outcome();
    LauncherFactory.create().execute(request, outcome.listener());
    return outcome;
  }

  private TestExecutionListener listener() {
    return new TestExecutionListener() {
      @Override
      public void executionFinished(TestIdentifier id, TestExecutionResult result) {
        add(id, result);
      }
    };
  }

  /** Tests are told by what happens to them, the classes around them when they fail. */
  private synchronized void add(TestIdentifier id, TestExecutionResult result) {
    String name = id.getDisplayName();
    if (result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
      failed.add(name);
      causes.add(result.getThrowable().orElseThrow());
    } else if (id.isTest()) {
      passed.add(name);
    }
  }

  List<String> passed() {
    return passed;
  }

  /** Tests, and classes whose own callbacks failed. */
  List<String> failed() {
    return failed;
  }

  /** What they failed of, what was suppressed behind it. */
  List<String> messages() {
    return causes.stream()
        .flatMap(cause -> Stream.concat(Stream.of(cause), Stream.of(cause.getSuppressed())))
        .map(Throwable::getMessage)
        .toList();
  }
}
