package io.cistern.cli;

/**
 * The command was used in a way that cannot work. The message is for the user; the exit code is 2.
 */
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }

  /** What to say when a port cannot be listened on. */
  static UsageException portTaken(String option, int port, Throwable failed) {
    Throwable root = failed;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return new UsageException(
        "port %d on 127.0.0.1 cannot be listened on (%s): choose another with %s, or 0 for any free one"
            .formatted(port, root.getMessage(), option));
  }
}
