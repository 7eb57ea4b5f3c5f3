package io.cistern.acceptance;

import io.cistern.InvalidFreeException;
import java.util.Objects;

/**
 * What checks say about facts. Every method that finds a contradiction throws a {@link
 * CheckFailedException}.
 */
final class Expect {
  private Expect() {}

  /** Something that must be refused. */
  @FunctionalInterface
  interface Action {
    void run() throws Exception;
  }

  static void equal(String what, long expected, long actual) {
    if (expected != actual) {
      throw new CheckFailedException("%s: %d, expected %d".formatted(what, actual, expected));
    }
  }

  static void equal(String what, Object expected, Object actual) {
    if (!Objects.equals(expected, actual)) {
      throw new CheckFailedException("%s: %s, expected %s".formatted(what, actual, expected));
    }
  }

  static void that(boolean fact, String otherwise) {
    if (!fact) {
      throw new CheckFailedException(otherwise);
    }
  }

  /** The text must hold the part, which is one that a reader needs, a number for instance. */
  static void contains(String what, String text, String part) {
    if (!text.contains(part)) {
      throw new CheckFailedException("%s does not say '%s': %s".formatted(what, part, text));
    }
  }

  /** The action must throw; gives what it threw. */
  static <T extends Exception> T refused(Class<T> type, String what, Action action) {
    try {
      action.run();
    } catch (Exception thrown) {
      if (type.isInstance(thrown)) {
        return type.cast(thrown);
      }
      throw new CheckFailedException(
          "%s: threw %s, expected %s".formatted(what, thrown, type.getSimpleName()));
    }
    throw new CheckFailedException(
        "%s: was accepted, expected %s".formatted(what, type.getSimpleName()));
  }

  /** The free must be refused for this reason. */
  static void invalid(InvalidFreeException.Reason reason, String what, Action free) {
    InvalidFreeException thrown = refused(InvalidFreeException.class, what, free);
    equal("reason why " + what + " is refused", reason, thrown.reason());
  }
}
