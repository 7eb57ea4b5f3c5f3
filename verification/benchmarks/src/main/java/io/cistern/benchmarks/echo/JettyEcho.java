package io.cistern.benchmarks.echo;

import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;

/** Jetty with one acceptor and one selector; a body is copied as it comes, or gathered first. */
final class JettyEcho implements EchoServer {
  private static final int THREADS = 8;

  private final Server server;
  private final ServerConnector connector;
  private final Runnable atEnd;

  /** Copies each piece of a body as it comes. */
  JettyEcho(ByteBufferPool buffers, Runnable atEnd) {
    this(buffers, new Answer(), atEnd);
  }

  /** Sends a body back when all of it is there, as most applications do. */
  static JettyEcho gathering(ByteBufferPool buffers, Runnable atEnd) {
    return new JettyEcho(buffers, new Gathering(), atEnd);
  }

  private JettyEcho(ByteBufferPool buffers, Handler handler, Runnable atEnd) {
    this.atEnd = atEnd;
    server = new Server(new QueuedThreadPool(THREADS), new ScheduledExecutorScheduler(), buffers);
    connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory());
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.setHandler(handler);
    try {
      server.start();
    } catch (Exception failed) {
      throw new IllegalStateException("the server cannot start", failed);
    }
  }

  private static final class Answer extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      response.getHeaders().put("Content-Length", String.valueOf(request.getLength()));
      Content.copy(request, response, callback);
      return true;
    }
  }

  private static final class Gathering extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      response.getHeaders().put("Content-Length", String.valueOf(request.getLength()));
      new Gathered(request, response, callback).run();
      return true;
    }
  }

  @Override
  public int port() {
    return connector.getLocalPort();
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception failed) {
      throw new IllegalStateException("the server cannot stop", failed);
    }
    atEnd.run();
  }
}
