package io.cistern.dashboard;

import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.WebSocketComponents;
import org.eclipse.jetty.websocket.core.server.WebSocketServerComponents;
import org.eclipse.jetty.websocket.core.server.WebSocketUpgradeHandler;
import org.jspecify.annotations.Nullable;

/**
 * Jetty, set up for the dashboard: few threads, a bounded number of connections, no compression,
 * one WebSocket at {@code /api}, and the files of the page.
 */
final class DashboardServer implements AutoCloseable {
  private static final int MOST_THREADS = 8;
  private static final int SPARE_CONNECTIONS = 32;
  private static final int SEND_BUFFER_BYTES = 256 * 1024;
  private static final long IDLE_MILLIS = 300_000;

  private final Server server;
  private final String host;
  private final int port;

  private DashboardServer(Server server, String host, int port) {
    this.server = server;
    this.host = host;
    this.port = port;
  }

  static DashboardServer start(String host, int port, Access access, Hub hub) throws IOException {
    QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS, 1);
    threads.setName("cistern-dashboard");
    threads.setDaemon(true);
    Server server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(host);
    connector.setPort(port);
    connector.setIdleTimeout(IDLE_MILLIS);
    connector.setAcceptedSendBufferSize(SEND_BUFFER_BYTES);
    server.addConnector(connector);
    server.addBean(new NetworkConnectionLimit(hub.mostClients() + SPARE_CONNECTIONS, connector));
    server.setHandler(handler(server, access, hub));
    open(connector, host, port);
    run(server);
    return new DashboardServer(server, host, connector.getLocalPort());
  }

  /** Jetty wraps what went wrong; a port that is taken stays what it is. */
  private static void open(ServerConnector connector, String host, int port) throws IOException {
    try {
      connector.open();
    } catch (IOException failed) {
      Throwable cause = failed.getCause() instanceof BindException taken ? taken : failed;
      throw new IOException(
          "the dashboard cannot listen on %s, port %d: %s"
              .formatted(host, port, cause.getMessage()),
          failed);
    }
  }

  private static void run(Server server) throws IOException {
    try {
      server.start();
    } catch (Exception failed) {
      throw new IOException("the dashboard cannot start: " + failed.getMessage(), failed);
    }
  }

  private static WebSocketUpgradeHandler handler(Server server, Access access, Hub hub) {
    WebSocketComponents components = WebSocketServerComponents.ensureWebSocketComponents(server);
    components.getExtensionRegistry().unregister("permessage-deflate");
    WebSocketUpgradeHandler handler = new WebSocketUpgradeHandler(components);
    // Frames are handed in as they arrive, and never gathered: their length is the link's business.
    handler.getConfiguration().setMaxFrameSize(0);
    handler.getConfiguration().setAutoFragment(true);
    handler.setHandler(new PageHandler(access));
    handler.addMapping(
        "/api", (request, response, callback) -> connect(request, response, callback, access, hub));
    return handler;
  }

  private static @Nullable FrameHandler connect(
      Request request, Response response, Callback callback, Access access, Hub hub) {
    if (!PageHandler.isAllowed(request, access)) {
      return refuse(request, response, callback, HttpStatus.FORBIDDEN_403, "not this host");
    }
    String origin = request.getHeaders().get(HttpHeader.ORIGIN);
    String asked = request.getHeaders().get(HttpHeader.HOST);
    if (!access.mayComeFrom(origin, asked == null ? "" : asked)) {
      return refuse(request, response, callback, HttpStatus.FORBIDDEN_403, "not from that origin");
    }
    String given = request.getHeaders().get(HttpHeader.AUTHORIZATION);
    if (given != null && !access.isAuthorized(given)) {
      return refuse(request, response, callback, HttpStatus.UNAUTHORIZED_401, "wrong token");
    }
    Client client = hub.connect(access, given != null || !access.needsToken());
    return client == null
        ? refuse(
            request,
            response,
            callback,
            HttpStatus.SERVICE_UNAVAILABLE_503,
            "%d clients are connected, which is the most".formatted(hub.mostClients()))
        : new WebSocketLink(client);
  }

  private static @Nullable FrameHandler refuse(
      Request request, Response response, Callback callback, int status, String why) {
    Response.writeError(request, response, callback, status, why);
    return null;
  }

  URI address() {
    return URI.create(
        "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port + "/");
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception failed) {
      throw new IllegalStateException("the dashboard cannot stop: " + failed.getMessage(), failed);
    }
  }
}
