package io.cistern.dashboard;

import java.nio.ByteBuffer;

/** The connection to one client, as the rest of the dashboard sees it. */
interface Link {
  /**
   * Sends one message, without waiting.
   *
   * @param isText else it is binary
   * @param payload not changed until it is sent
   * @param sent called once it has left, or never can
   */
  void send(boolean isText, ByteBuffer payload, Runnable sent);

  /** Lets the next message in. */
  void demand();

  /** Says goodbye, after what was sent before. */
  void close(int code, String reason);
}
