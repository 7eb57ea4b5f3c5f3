package io.cistern.cli;

import io.cistern.PoolManager;
import io.cistern.jdk.PoolMonitor;
import io.cistern.micrometer.MetricsServer;
import java.io.IOException;
import java.net.BindException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who looks at the pools of a demo from outside of it: the monitor, whose warnings come to the
 * display as {@link Notices}, and Prometheus, if asked for.
 */
final class Watchers implements AutoCloseable {
  private final PoolMonitor monitor;
  private final @Nullable MetricsServer metrics;

  private Watchers(PoolMonitor monitor, @Nullable MetricsServer metrics) {
    this.monitor = monitor;
    this.metrics = metrics;
  }

  /**
   * Lets them look.
   *
   * @param port for Prometheus; null for none
   */
  static Watchers open(PoolManager pools, @Nullable Integer port) throws IOException {
    MetricsServer metrics = port == null ? null : serve(pools, port);
    return new Watchers(PoolMonitor.start(pools), metrics);
  }

  private static MetricsServer serve(PoolManager pools, int port) throws IOException {
    try {
      return MetricsServer.start(pools, port);
    } catch (BindException taken) {
      throw UsageException.portTaken("--prometheus", port, taken);
    }
  }

  /** A line for each that can be found at an address. */
  List<String> addresses() {
    return metrics == null ? List.of() : List.of("Prometheus can scrape " + metrics.uri());
  }

  @Override
  public void close() {
    monitor.close();
    if (metrics != null) {
      metrics.close();
    }
  }
}
