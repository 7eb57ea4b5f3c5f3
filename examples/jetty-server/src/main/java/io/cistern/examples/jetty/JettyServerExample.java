package io.cistern.examples.jetty;

import io.cistern.jetty.CisternByteBufferPool;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;

/**
 * A Jetty server on a pool: it answers a POST with what was posted, and a GET with the state of its
 * memory. {@code curl --data-binary @file http://127.0.0.1:8080/}
 */
public final class JettyServerExample implements AutoCloseable {
  private final CisternByteBufferPool buffers;
  private final Server server;
  private final ServerConnector connector;

  /**
   * Starts a server.
   *
   * @param port to listen at, on the loopback interface; 0 for any that is free
   * @param buffers of the server, closed with it
   * @throws Exception when it cannot start
   */
  public JettyServerExample(int port, CisternByteBufferPool buffers) throws Exception {
    this.buffers = buffers;
    // The first of two lines that switch the pool on; the other one is in main:
    server = new Server(new QueuedThreadPool(16), new ScheduledExecutorScheduler(), buffers);

    connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    connector.setPort(port);
    server.addConnector(connector);
    server.setHandler(
        new Handler.Abstract() {
          @Override
          public boolean handle(Request request, Response response, Callback callback) {
            if (request.getMethod().equals("POST")) {
              Content.copy(request, response, callback);
            } else {
              Content.Sink.write(response, true, buffers.pools() + "\n", callback);
            }
            return true;
          }
        });
    server.start();
  }

  /** Where it listens. */
  public int port() {
    return connector.getLocalPort();
  }

  /** Stops the server; fails when a buffer was not released. */
  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception failed) {
      throw new IllegalStateException("the server cannot stop", failed);
    }
    buffers.close();
  }

  /** Serves until the process is ended. */
  static void main(String[] args) throws Exception {
    int port = args.length == 0 ? 8080 : Integer.parseInt(args[0]);
    JettyServerExample example = new JettyServerExample(port, new CisternByteBufferPool());
    Runtime.getRuntime().addShutdownHook(new Thread(example::close));
    example.server.join();
  }
}
