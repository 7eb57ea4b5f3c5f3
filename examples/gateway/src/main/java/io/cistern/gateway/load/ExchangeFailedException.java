package io.cistern.gateway.load;

/** A connection ended, or an answer did not come, although it should not be so. */
final class ExchangeFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  ExchangeFailedException(String message) {
    super(message);
  }
}
