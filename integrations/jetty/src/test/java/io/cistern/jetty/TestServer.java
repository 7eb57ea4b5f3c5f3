package io.cistern.jetty;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.eclipse.jetty.websocket.core.server.WebSocketNegotiator;
import org.eclipse.jetty.websocket.core.server.WebSocketUpgradeHandler;

/**
 * A Jetty server on a free port: HTTP/1.1, HTTP/2 in the clear and WebSocket. It sends back what is
 * posted, gives n bytes for {@code /n}, and echoes frames at {@code /ws}.
 */
final class TestServer implements AutoCloseable {
  private static final int THREADS = 16;
  private static final int IDLE_MILLIS = 30_000;

  final Server server;
  final int port;

  /** With Jetty's own idle timeout. */
  TestServer(ByteBufferPool buffers, boolean direct) throws Exception {
    this(buffers, direct, IDLE_MILLIS);
  }

  TestServer(ByteBufferPool buffers, boolean direct, int idleMillis) throws Exception {
    server = new Server(new QueuedThreadPool(THREADS), new ScheduledExecutorScheduler(), buffers);
    HttpConfiguration http = new HttpConfiguration();
    http.setUseInputDirectByteBuffers(direct);
    http.setUseOutputDirectByteBuffers(direct);
    ServerConnector connector =
        new ServerConnector(
            server, 1, 2, new HttpConnectionFactory(http), new HTTP2CServerConnectionFactory(http));
    connector.setHost("127.0.0.1");
    connector.setIdleTimeout(idleMillis);
    server.addConnector(connector);
    WebSocketUpgradeHandler sockets = new WebSocketUpgradeHandler();
    sockets.addMapping(
        "/ws", (WebSocketNegotiator) (request, response, callback) -> new EchoFrames());
    sockets.setHandler(new Pages());
    server.setHandler(sockets);
    server.start();
    port = connector.getLocalPort();
  }

  /** What {@code /n} gives. */
  static byte[] page(int length) {
    byte[] page = new byte[length];
    for (int i = 0; i < length; i++) {
      page[i] = (byte) (i * 31 + (i >>> 8));
    }
    return page;
  }

  private static final class Pages extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      if (request.getMethod().equals("POST")) {
        Content.copy(request, response, callback);
      } else {
        int length = Integer.parseInt(Request.getPathInContext(request).substring(1));
        response.write(true, ByteBuffer.wrap(page(length)), callback);
      }
      return true;
    }
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception failed) {
      throw new IllegalStateException("the server cannot stop", failed);
    }
    server.destroy();
  }
}
