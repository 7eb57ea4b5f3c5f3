package io.cistern.concurrency.guards;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Something that core does so that no interleaving goes wrong, and what goes wrong without it.
 *
 * @param name what is taken out
 * @param edits how it is taken out
 * @param races that then see a forbidden outcome
 * @param stress runs that then fail
 */
record Guard(String name, List<Edit> edits, List<Race> races, List<String> stress) {

  /**
   * One change to a source file.
   *
   * @param file below {@code io/cistern}
   * @param present lines as they stand there
   * @param instead lines that take their place
   */
  record Edit(String file, List<String> present, List<String> instead) {

    /** The changed source; fails unless the lines are there exactly once. */
    String apply(String source) {
      String lines =
          present.stream()
              .map(String::strip)
              .map(Pattern::quote)
              .collect(Collectors.joining("\\s+"));
      Matcher found = Pattern.compile(lines).matcher(source);
      long times = found.results().count();
      if (times != 1) {
        throw new IllegalStateException(
            "%s has these lines %d times, not once: adapt guards.txt%n%s"
                .formatted(file, times, String.join("\n", present)));
      }
      return found.replaceFirst(Matcher.quoteReplacement(String.join("\n", instead)));
    }
  }

  /**
   * A race that must fail.
   *
   * @param pattern of its name, below this room's package
   * @param outcome that is seen, as a regular expression
   */
  record Race(String pattern, Pattern outcome) {}

  @Override
  public String toString() {
    return name;
  }
}
