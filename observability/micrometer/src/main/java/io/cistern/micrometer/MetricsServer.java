package io.cistern.micrometer;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.cistern.PoolManager;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Serves the figures of a manager's pools to Prometheus: {@code /metrics} on the loopback address,
 * by the JDK's own server, for programs that have no web server. All else is answered 404, with a
 * hint.
 *
 * <p>Each request has a virtual thread of its own, so a client that does not read what it asked for
 * holds up nobody; one that goes away is forgotten. Needs {@code micrometer-registry-prometheus}
 * and the module {@code jdk.httpserver}. Safe for use by several threads.
 */
public final class MetricsServer implements AutoCloseable {
  private static final String PATH = "/metrics";
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int NOT_ALLOWED = 405;
  private static final int NO_BODY = -1;

  private final HttpServer server;
  private final ExecutorService threads;
  private final PrometheusMeterRegistry registry;
  private final PoolMetrics metrics;

  private MetricsServer(PoolManager manager, int port) throws IOException {
    this.server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    this.threads =
        Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("cistern-metrics-", 0).factory());
    this.registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    this.metrics = new PoolMetrics(manager);
    metrics.bindTo(registry);
    server.createContext("/", this::answer);
    server.setExecutor(threads);
  }

  /**
   * Starts to serve.
   *
   * @param manager whose pools; to be closed after this
   * @param port to listen on; 0 takes any free one
   * @return a server that answers
   * @throws IOException when the port cannot be listened on
   * @throws IllegalArgumentException when it is not from 0 to 65535
   */
  public static MetricsServer start(PoolManager manager, int port) throws IOException {
    MetricsServer started = new MetricsServer(manager, port);
    started.server.start();
    return started;
  }

  /**
   * Where the metrics are.
   *
   * @return a URL that Prometheus can scrape
   */
  public URI uri() {
    InetSocketAddress address = server.getAddress();
    String host = address.getAddress().getHostAddress();
    return URI.create(
        "http://%s:%d%s"
            .formatted(host.contains(":") ? "[" + host + "]" : host, address.getPort(), PATH));
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      boolean head = exchange.getRequestMethod().equals("HEAD");
      if (!exchange.getRequestURI().getPath().equals(PATH)) {
        send(exchange, NOT_FOUND, "the metrics are at " + uri() + "\n");
      } else if (!head && !exchange.getRequestMethod().equals("GET")) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        send(exchange, NOT_ALLOWED, PATH + " can be read, and nothing else\n");
      } else {
        exchange.getResponseHeaders().set("Content-Type", TEXT);
        send(exchange, OK, registry.scrape());
      }
    }
  }

  private static void send(HttpExchange exchange, int code, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(code, head ? NO_BODY : body.length);
    if (!head) {
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
  }

  /** Stops to serve; answers that are under way break off. Closing again does nothing. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    metrics.close();
    registry.close();
  }
}
