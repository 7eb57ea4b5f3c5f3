package io.cistern.spring;

import io.cistern.config.ProfileException;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The application's {@code cistern.*} properties, or the profile they are laid over, were refused.
 * The message has one line a problem: where the value came from, the key, the value, and what is
 * allowed. Spring Boot prints it in place of a stack trace.
 */
public final class PoolPropertiesException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PoolPropertiesException(List<String> problems, Throwable cause) {
    super(String.join("\n", problems), cause);
  }

  /**
   * With places as the application knows them; lines of a file that is not its own are left out.
   */
  static PoolPropertiesException of(
      ProfileException refused, UnaryOperator<String> place, boolean unnamed) {
    return new PoolPropertiesException(
        refused.problems().stream()
            .map(problem ->
                new ProfileException.Problem(
                        place.apply(problem.source()),
                        unnamed ? 0 : problem.line(),
                        problem.key(),
                        problem.value(),
                        place.apply(problem.rule()))
                    .toString())
            .toList(),
        refused);
  }
}
