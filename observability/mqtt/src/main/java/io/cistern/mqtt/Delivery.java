package io.cistern.mqtt;

/**
 * What became of a message.
 *
 * @param outcome in one word
 * @param reason why it was not taken; empty when it was
 */
record Delivery(Outcome outcome, String reason) {
  static final Delivery TAKEN = new Delivery(Outcome.TAKEN, "");

  /** What can become of it. */
  enum Outcome {
    /** The broker has it, or, where nothing is acknowledged, it was written to the connection. */
    TAKEN,
    /** The broker does not want it, and would not if it were sent again. */
    REFUSED,
    /** The connection ended first; the broker may have it or not. */
    LOST
  }
}
