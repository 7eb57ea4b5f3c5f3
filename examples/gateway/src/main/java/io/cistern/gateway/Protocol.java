package io.cistern.gateway;

/** Numbers of the WebSocket protocol (RFC 6455, sections 5.2 and 7.4.1). */
final class Protocol {
  static final byte CONTINUATION = 0;
  static final byte TEXT = 1;
  static final byte BINARY = 2;
  static final byte PING = 9;
  static final byte PONG = 10;

  static final int GOING_AWAY = 1001;
  static final int PROTOCOL_ERROR = 1002;
  static final int BAD_PAYLOAD = 1007;
  static final int POLICY_VIOLATION = 1008;
  static final int MESSAGE_TOO_LARGE = 1009;
  static final int TRY_AGAIN_LATER = 1013;

  private Protocol() {}
}
