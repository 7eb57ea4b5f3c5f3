package io.cistern.spring;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Tells what is wrong with {@code cistern.*} properties, instead of a stack trace. */
final class PoolPropertiesFailureAnalyzer extends AbstractFailureAnalyzer<PoolPropertiesException> {
  private static final String ACTION =
      "Correct each of these values where it was set. Keys are spelled as in a profile, upper and"
          + " lower case too; docs/profiles.md lists them all.";

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, PoolPropertiesException cause) {
    String problems = String.valueOf(cause.getMessage()).indent(4);
    return new FailureAnalysis(
        "The application's pools (cistern.*) cannot be opened:\n\n" + problems, ACTION, cause);
  }
}
