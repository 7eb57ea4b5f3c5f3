package io.cistern.concurrency.guards;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs one stress test in a JVM of its own, against whichever core its class path has. */
final class StressRun {
  /** Exit code when a test fails; 1 is the JVM's own. */
  static final int FAILED = 3;

  private static final String PACKAGE = "io.cistern.concurrency.stress.";

  private StressRun() {}

  /** Exits with 0 or {@link #FAILED}. */
  public static void main(String... args) {
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request().selectors(selectClass(PACKAGE + args[0])).build();
    LauncherFactory.create().execute(request, listener);
    TestExecutionSummary summary = listener.getSummary();
    summary.printFailuresTo(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    boolean ran = summary.getTestsFoundCount() > 0;
    System.exit(!ran ? 1 : summary.getTotalFailureCount() > 0 ? FAILED : 0);
  }
}
