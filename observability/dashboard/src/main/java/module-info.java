/**
 * Pools on a web page, live, and the WebSocket API under it. {@link io.cistern.dashboard.Dashboard}
 * is the place to start reading.
 */
module io.cistern.dashboard {
  requires transitive io.cistern;
  requires org.eclipse.jetty.websocket.core.server;
  requires tools.jackson.databind;
  requires static org.jspecify;

  exports io.cistern.dashboard;

  opens io.cistern.dashboard to
      tools.jackson.databind;
}
