package io.cistern.gateway;

/** Which framework reads and writes the sockets. */
public enum ServerKind {
  /** Jetty: hands in the pieces of a frame as they arrive. */
  JETTY,

  /** Netty, its sockets read straight into memory of a pool: hands in whole frames. */
  NETTY
}
