package io.cistern.cli;

import io.cistern.PoolManager;
import io.cistern.dashboard.Dashboard;
import io.cistern.jdk.PoolMonitor;
import io.cistern.micrometer.MetricsServer;
import io.cistern.mqtt.MqttDiagnostics;
import io.cistern.mqtt.MqttUri;
import java.io.IOException;
import java.net.BindException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Who looks at the pools of a demo from outside of it: the monitor, whose warnings come to the
 * display as {@link Notices}, the dashboard, and Prometheus and an MQTT broker, if asked for.
 */
final class Watchers implements AutoCloseable {
  private final PoolMonitor monitor;
  private final @Nullable MetricsServer metrics;
  private final @Nullable MqttUri broker;
  private final @Nullable MqttDiagnostics remote;

  private final @Nullable Dashboard dashboard;

  private Watchers(
      PoolManager pools,
      @Nullable MetricsServer metrics,
      @Nullable MqttUri broker,
      @Nullable Dashboard dashboard) {
    this.dashboard = dashboard;
    this.monitor = PoolMonitor.start(pools);
    this.metrics = metrics;
    this.broker = broker;
    this.remote = broker == null ? null : MqttDiagnostics.builder(pools).uri(broker).start();
  }

  /**
   * Lets them look.
   *
   * @param options say who
   */
  static Watchers open(PoolManager pools, DemoOptions options) throws IOException {
    Dashboard dashboard = show(pools, options.dashboard());
    boolean opened = false;
    try {
      Integer port = options.prometheus();
      MetricsServer metrics = port == null ? null : serve(pools, port);
      Watchers all = new Watchers(pools, metrics, options.mqtt(), dashboard);
      opened = true;
      return all;
    } finally {
      if (!opened && dashboard != null) {
        dashboard.close();
      }
    }
  }

  private static @Nullable Dashboard show(PoolManager pools, OptionalInt port) {
    try {
      return port.isEmpty() ? null : Dashboard.builder(pools).port(port.getAsInt()).start();
    } catch (IOException taken) {
      throw new UsageException(
          "%s: choose another port with --dashboard, 0 for any free one, or --no-dashboard"
              .formatted(taken.getMessage()));
    }
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
    List<String> addresses = new ArrayList<>();
    if (dashboard != null) {
      addresses.add("dashboard: " + dashboard.address());
    }
    if (metrics != null) {
      addresses.add("Prometheus can scrape " + metrics.uri());
    }
    if (broker != null) {
      addresses.add("the pools are told to " + broker);
    }
    return addresses;
  }

  @Override
  public void close() {
    monitor.close();
    if (remote != null) {
      remote.close();
    }
    if (metrics != null) {
      metrics.close();
    }
    if (dashboard != null) {
      dashboard.close();
    }
  }
}
