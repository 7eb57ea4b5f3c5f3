package io.cistern.cli;

/**
 * The command was used in a way that cannot work. The message is for the user; the exit code is 2.
 */
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}
