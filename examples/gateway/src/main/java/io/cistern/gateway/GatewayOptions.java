package io.cistern.gateway;

import java.time.Duration;

/**
 * How a gateway listens and how patient it is. Together the two times keep a broken client from
 * holding blocks for ever.
 *
 * @param port TCP port on the loopback address, from 0 to 65535; 0 takes any free one
 * @param frameTimeout how long a frame may take from its first byte to its last, and how long an
 *     answer may wait for a client that does not read; after that the connection is ended and its
 *     blocks are free
 * @param idleTimeout how long a connection may be silent in both directions before it is closed
 * @param server which framework reads and writes the sockets
 */
public record GatewayOptions(
    int port, Duration frameTimeout, Duration idleTimeout, ServerKind server) {
  private static final Duration FRAME_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(5);

  /** Checks the ranges. */
  public GatewayOptions {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException(
          "port " + port + ": must be from 0 (any free one) to 65535");
    }
    requirePositive("frameTimeout", frameTimeout);
    requirePositive("idleTimeout", idleTimeout);
  }

  /**
   * The usual patience: 10 seconds for a frame, 5 minutes for a silent connection; over Jetty.
   *
   * @param port from 0 to 65535; 0 takes any free one
   * @return options
   */
  public static GatewayOptions onPort(int port) {
    return new GatewayOptions(port, FRAME_TIMEOUT, IDLE_TIMEOUT, ServerKind.JETTY);
  }

  /**
   * The same options with another frame time-out.
   *
   * @param timeout at least 1 ms
   * @return new options
   */
  public GatewayOptions withFrameTimeout(Duration timeout) {
    return new GatewayOptions(port, timeout, idleTimeout, server);
  }

  /**
   * The same options with another idle time-out.
   *
   * @param timeout at least 1 ms
   * @return new options
   */
  public GatewayOptions withIdleTimeout(Duration timeout) {
    return new GatewayOptions(port, frameTimeout, timeout, server);
  }

  /**
   * The same options with another server.
   *
   * @param kind Jetty unless said otherwise
   * @return new options
   */
  public GatewayOptions withServer(ServerKind kind) {
    return new GatewayOptions(port, frameTimeout, idleTimeout, kind);
  }

  private static void requirePositive(String name, Duration duration) {
    if (duration.toMillis() < 1) {
      throw new IllegalArgumentException(name + " of " + duration + ": must be at least 1 ms");
    }
  }
}
