package io.cistern.acceptance;

import io.cistern.config.Profile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The acceptance suites and their runner. A suite belongs to one profile; each of its checks runs
 * on pools that were opened for it alone, one check after the other, and is followed by a walk over
 * all pools: whatever the check was about, it has failed when a pool is not sound afterwards or a
 * block is still live. Nothing a check throws ends the run.
 *
 * {@snippet :
 * Report report = Acceptance.run(Acceptance.profiles(), AcceptanceListener.SILENT);
 * boolean allIsWell = report.ok();
 * }
 */
public final class Acceptance {
  private static final List<Suite> SUITES =
      List.of(
          PrismSuite.suite(),
          Prism2kSuite.suite(),
          ModespSuite.suite(),
          Esp32s3Suite.suite(),
          AudioSuite.suite(),
          NumericSuite.suite());

  private Acceptance() {}

  /**
   * All suites, in the order of SPEC.md.
   *
   * @return an unmodifiable list
   */
  public static List<Suite> suites() {
    return SUITES;
  }

  /**
   * The profiles that have a suite, in the order of the suites.
   *
   * @return names
   */
  public static List<String> profiles() {
    return SUITES.stream().map(Suite::profile).toList();
  }

  /**
   * Runs the suites of some profiles.
   *
   * @param profiles names, in the order in which they are to run
   * @param listener hears every result as it comes
   * @return what was found
   * @throws IllegalArgumentException when a profile has no suite; the message lists those that have
   *     one
   */
  public static Report run(Collection<String> profiles, AcceptanceListener listener) {
    List<Suite> chosen = profiles.stream().map(Acceptance::suiteOf).toList();
    return runSuites(chosen, listener);
  }

  static Report runSuites(List<Suite> suites, AcceptanceListener listener) {
    long start = System.nanoTime();
    List<Result> results = new ArrayList<>();
    for (Suite suite : suites) {
      listener.onSuite(suite);
      for (Check check : suite.checks()) {
        Result result = run(suite, check);
        results.add(result);
        listener.onResult(result);
      }
    }
    return new Report(results, Duration.ofNanos(System.nanoTime() - start));
  }

  static Result run(Suite suite, Check check) {
    long start = System.nanoTime();
    Double figure = null;
    String failure;
    try (FreshPools pools = new FreshPools(Profile.load(suite.profile()))) {
      figure = check.body().measure(pools);
      pools.expectSettled();
      failure = outside(check.limit(), figure);
    } catch (Throwable thrown) {
      if (thrown instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      failure = describe(rootOf(thrown));
    }
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    return new Result(
        check.id(),
        suite.reference(),
        suite.profile(),
        check.title(),
        check.statement(),
        check.limit(),
        figure,
        failure,
        took);
  }

  private static Suite suiteOf(String profile) {
    return SUITES.stream()
        .filter(suite -> suite.profile().equals(profile))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no acceptance suite for profile '%s'; there are: %s"
                    .formatted(profile, String.join(", ", profiles()))));
  }

  private static @Nullable String outside(Limit limit, double figure) {
    return limit.allows(figure) ? null : "%s, allowed is %s".formatted(limit.show(figure), limit);
  }

  /** What a thread of the check threw, when it was passed on by a future. */
  private static Throwable rootOf(Throwable thrown) {
    Throwable cause = thrown.getCause();
    return thrown instanceof ExecutionException && cause != null ? cause : thrown;
  }

  private static String describe(Throwable thrown) {
    String where =
        Arrays.stream(thrown.getStackTrace())
            .filter(frame -> frame.getClassName().startsWith("io.cistern.acceptance."))
            .filter(frame -> !frame.getClassName().endsWith(".Expect"))
            .findFirst()
            .map(frame -> " (%s:%d)".formatted(frame.getFileName(), frame.getLineNumber()))
            .orElse("");
    String what = thrown instanceof CheckFailedException ? thrown.getMessage() : thrown.toString();
    return what + where;
  }
}
