package io.cistern.acceptance;

import java.util.ArrayList;
import java.util.List;

/**
 * The checks of one reference system, in the order in which they run.
 *
 * @param reference the system's short name in SPEC.md, like {@code R1}
 * @param profile the profile whose pools are checked
 * @param title what the system is, in a few words
 * @param checks the checks
 */
public record Suite(String reference, String profile, String title, List<Check> checks) {
  /** Copies the checks. */
  public Suite {
    checks = List.copyOf(checks);
  }

  /** Collects the checks of a suite and numbers them. */
  static final class Builder {
    private final String reference;
    private final String profile;
    private final String title;
    private final String idPrefix;
    private final List<Check> checks = new ArrayList<>();

    /** A suite whose checks are {@code reference.1}, {@code reference.2} and so on. */
    Builder(String reference, String profile, String title) {
      this(reference, profile, title, reference);
    }

    /** A further suite of a reference, with ids of its own. */
    Builder(String reference, String profile, String title, String idPrefix) {
      this.reference = reference;
      this.profile = profile;
      this.title = title;
      this.idPrefix = idPrefix;
    }

    Builder check(String title, String statement, Limit limit, Check.Body body) {
      String id = idPrefix + "." + (checks.size() + 1);
      checks.add(new Check(id, title, statement, limit, body));
      return this;
    }

    Suite build() {
      return new Suite(reference, profile, title, checks);
    }
  }
}
