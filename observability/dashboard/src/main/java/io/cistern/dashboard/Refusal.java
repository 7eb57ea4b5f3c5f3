package io.cistern.dashboard;

/** What was asked for is wrong, or not allowed; the client is told, and stays connected. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String code;

  Refusal(String code, String message) {
    super(message, null, false, false);
    this.code = code;
  }

  /** For programs: one of those that docs/websocket-api.md lists. */
  String code() {
    return code;
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
