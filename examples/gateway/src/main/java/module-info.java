/**
 * A WebSocket gateway that serves every frame out of one pool block, and the load that drives it.
 * {@code cistern demo} runs both; {@link io.cistern.gateway.Gateway} is the place to start reading.
 */
module io.cistern.gateway {
  requires transitive io.cistern;
  requires transitive io.cistern.config;
  requires io.cistern.netty;
  requires io.netty.buffer;
  requires io.netty.codec.http;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.transport;
  requires java.net.http;
  requires org.eclipse.jetty.websocket.core.server;
  requires static transitive org.jspecify;

  exports io.cistern.gateway;
  exports io.cistern.gateway.load;
}
