package io.cistern.misuse;

import io.cistern.CheckLevel;

/**
 * What should become of a misuse at each level.
 *
 * @param standard at STANDARD
 * @param checked at CHECKED
 * @param guarded at GUARDED
 */
record Expected(Outcome standard, Outcome checked, Outcome guarded) {

  /** Thrown at every level. */
  static Expected thrown(String by) {
    return always(Outcome.thrown(by));
  }

  /** The same at every level. */
  static Expected always(Outcome outcome) {
    return new Expected(outcome, outcome, outcome);
  }

  /** Not seen at STANDARD. */
  static Expected unseenThen(Outcome checked, Outcome guarded) {
    return new Expected(Outcome.NOT_SEEN, checked, guarded);
  }

  Outcome at(CheckLevel level) {
    return switch (level) {
      case STANDARD -> standard;
      case CHECKED -> checked;
      case GUARDED -> guarded;
    };
  }
}
