package io.cistern.config;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A profile was refused. Carries everything that is wrong with it, not only the first thing; the
 * message has one line a problem, in the manner of a compiler:
 *
 * <pre>
 * prism.conf:7: pools.main.tiers[1].count = 0: must be from 1 to 16777216
 * system property cistern.budget: budget = 1 KiB: must be at least 57344 B, which the pools need (main 57344 B), and is 1024 B
 * </pre>
 */
public final class ProfileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What is wrong, at least one thing. */
  @SuppressWarnings("serial") // List.copyOf gives a serializable list of serializable records
  private final List<Problem> problems;

  ProfileException(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /**
   * What is wrong.
   *
   * @return at least one problem, in the order of the file
   */
  public List<Problem> problems() {
    return problems;
  }

  /**
   * One thing that is wrong.
   *
   * @param source the file, or the system property or environment variable that set the value
   * @param line in the file, from 1; 0 when there is none
   * @param key path of the value, such as {@code pools.main.tiers[1].count}; empty when the file as
   *     a whole is meant
   * @param value as it was given; null when it is missing
   * @param rule what is allowed
   */
  public record Problem(String source, int line, String key, @Nullable String value, String rule)
      implements java.io.Serializable {

    /** The problem in one line: {@code source:line: key = value: rule}. */
    @Override
    public String toString() {
      String where = line > 0 ? source + ":" + line : source;
      String what = value == null ? key : key + " = " + value;
      return what.isEmpty() ? where + ": " + rule : where + ": " + what + ": " + rule;
    }
  }
}
