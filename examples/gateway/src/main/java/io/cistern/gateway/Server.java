package io.cistern.gateway;

import java.io.IOException;

/** Listens on the loopback address and makes a {@link Wire} for each client. */
sealed interface Server permits JettyServer, NettyServer {
  /** Where it listens. */
  int port();

  /** Serves clients. */
  void start() throws IOException;

  void stopAccepting();

  /** Ends all connections and threads. */
  void stop();
}
