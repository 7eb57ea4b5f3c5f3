package io.cistern.spring;

import io.cistern.config.ProfileException;
import io.cistern.config.ProfileException.Problem;
import java.util.stream.Collectors;

/**
 * The application's {@code cistern.*} properties, or the profile they are laid over, were refused.
 * The message has one line a problem: where the value came from, the key, the value, and what is
 * allowed. Spring Boot prints it in place of a stack trace.
 */
public final class PoolPropertiesException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private PoolPropertiesException(String problems, Throwable cause) {
    super(problems, cause);
  }

  /** Lines of a text that is no file of the application's are left out. */
  static PoolPropertiesException of(ProfileException refused, String noFile) {
    String problems =
        refused.problems().stream()
            .map(problem ->
                problem.source().equals(noFile)
                    ? new Problem(noFile, 0, problem.key(), problem.value(), problem.rule())
                    : problem)
            .map(Problem::toString)
            .collect(Collectors.joining("\n"));
    return new PoolPropertiesException(problems, refused);
  }

  static PoolPropertiesException of(String problem, Exception cause) {
    return new PoolPropertiesException(problem, cause);
  }
}
