package io.cistern.acceptance;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one check found.
 *
 * @param id the check's id, like {@code R1.5}; unique over all suites
 * @param reference the reference system, like {@code R1}
 * @param profile the profile whose pools were checked
 * @param title what was checked, in a few words
 * @param statement what SPEC.md says about it
 * @param limit what the figure may be
 * @param figure what was measured, in the limit's unit; null when the check failed before it had
 *     one
 * @param failure what is wrong, in one line; null when the check passed
 * @param took how long the check ran, opening its pools included
 */
public record Result(
    String id,
    String reference,
    String profile,
    String title,
    String statement,
    Limit limit,
    @Nullable Double figure,
    @Nullable String failure,
    Duration took) {

  /**
   * Whether the check found what it should.
   *
   * @return true when there is no failure
   */
  public boolean passed() {
    return failure == null;
  }

  /**
   * The figure in words.
   *
   * @return number and unit, or "-" when there is no figure
   */
  public String figureText() {
    return figure == null ? "-" : limit.show(figure);
  }
}
