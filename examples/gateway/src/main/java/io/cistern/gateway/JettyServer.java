package io.cistern.gateway;

import java.io.IOException;
import java.net.BindException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.core.Configuration;
import org.eclipse.jetty.websocket.core.WebSocketComponents;
import org.eclipse.jetty.websocket.core.server.WebSocketNegotiator;
import org.eclipse.jetty.websocket.core.server.WebSocketServerComponents;
import org.eclipse.jetty.websocket.core.server.WebSocketUpgradeHandler;

/**
 * Jetty, set up for the gateway: loopback only, few threads, no compression. Frames are handed in
 * as they arrive ({@code autoFragment}), never gathered by Jetty, whatever length they announce;
 * the socket buffers are fixed. So what a client can make the process hold is bounded outside the
 * pools too.
 */
final class JettyServer implements Server {
  private static final int READ_BUFFER_BYTES = 64 * 1024;
  private static final int SOCKET_BUFFER_BYTES = 64 * 1024;
  private static final int MAX_THREADS = 16;
  private static final long SWEEP_MILLIS = 100;

  private final org.eclipse.jetty.server.Server server;
  private final ServerConnector connector;
  private final Runnable sweep;
  private final int port;

  private JettyServer(
      org.eclipse.jetty.server.Server server, ServerConnector connector, Runnable sweep) {
    this.server = server;
    this.connector = connector;
    this.sweep = sweep;
    this.port = connector.getLocalPort();
  }

  /** Binds the port; clients are served from {@link #start} on. */
  static JettyServer listen(
      GatewayOptions options, Function<Wire, Connection> clients, Runnable sweep)
      throws IOException {
    QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS);
    threads.setName("gateway-io");
    threads.setDaemon(true);
    org.eclipse.jetty.server.Server server = new org.eclipse.jetty.server.Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost("127.0.0.1");
    connector.setPort(options.port());
    connector.setIdleTimeout(options.idleTimeout().toMillis());
    connector.setAcceptedReceiveBufferSize(SOCKET_BUFFER_BYTES);
    connector.setAcceptedSendBufferSize(SOCKET_BUFFER_BYTES);
    server.addConnector(connector);
    server.setHandler(upgradeHandler(server, options, clients));
    bind(connector);
    return new JettyServer(server, connector, sweep);
  }

  /** Jetty wraps what went wrong; a port that is taken stays what it is. */
  private static void bind(ServerConnector connector) throws IOException {
    try {
      connector.open();
    } catch (IOException failed) {
      throw failed.getCause() instanceof BindException taken ? taken : failed;
    }
  }

  private static WebSocketUpgradeHandler upgradeHandler(
      org.eclipse.jetty.server.Server server,
      GatewayOptions options,
      Function<Wire, Connection> clients) {
    WebSocketComponents components = WebSocketServerComponents.ensureWebSocketComponents(server);
    components.getExtensionRegistry().unregister("permessage-deflate");
    WebSocketUpgradeHandler handler = new WebSocketUpgradeHandler(components);
    Configuration session = handler.getConfiguration();
    session.setAutoFragment(true);
    session.setMaxFrameSize(0);
    session.setInputBufferSize(READ_BUFFER_BYTES);
    session.setIdleTimeout(options.idleTimeout());
    handler.setHandler(new NotAWebSocket());
    long frameTimeout = options.frameTimeout().toMillis();
    handler.addMapping(
        "/*",
        (WebSocketNegotiator)
            (request, response, callback) -> new JettyWire(clients, frameTimeout));
    return handler;
  }

  /** What a browser sees that asks for a page. */
  private static final class NotAWebSocket extends Handler.Abstract.NonBlocking {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      Response.writeError(
          request,
          response,
          callback,
          HttpStatus.UPGRADE_REQUIRED_426,
          "connect with a WebSocket client, ws://");
      return true;
    }
  }

  @Override
  public void start() throws IOException {
    try {
      server.start();
    } catch (IOException | RuntimeException failed) {
      throw failed;
    } catch (Exception failed) {
      throw new IOException("the gateway cannot start: " + failed.getMessage(), failed);
    }
    scheduleSweep();
  }

  private void scheduleSweep() {
    connector
        .getScheduler()
        .schedule(
            () -> {
              sweep.run();
              scheduleSweep();
            },
            SWEEP_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public void stopAccepting() {
    connector.close();
  }

  @Override
  public void stop() {
    try {
      server.stop();
    } catch (Exception failed) {
      throw new IllegalStateException("the gateway cannot stop: " + failed.getMessage(), failed);
    }
  }
}
