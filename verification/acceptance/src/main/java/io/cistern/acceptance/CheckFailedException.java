package io.cistern.acceptance;

/** A check found something else than it should. The message says what, with both numbers. */
final class CheckFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CheckFailedException(String message) {
    super(message);
  }
}
