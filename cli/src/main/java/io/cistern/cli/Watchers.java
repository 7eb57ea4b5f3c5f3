package io.cistern.cli;

import io.cistern.PoolManager;
import io.cistern.jdk.PoolMonitor;
import io.cistern.micrometer.MetricsServer;
import io.cistern.mqtt.MqttDiagnostics;
import io.cistern.mqtt.MqttUri;
import java.io.IOException;
import java.net.BindException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who looks at the pools of a demo from outside of it: the monitor, whose warnings come to the
 * display as {@link Notices}, and Prometheus and an MQTT broker, if asked for.
 */
final class Watchers implements AutoCloseable {
  private final PoolMonitor monitor;
  private final @Nullable MetricsServer metrics;
  private final @Nullable MqttUri broker;
  private final @Nullable MqttDiagnostics remote;

  private Watchers(PoolManager pools, @Nullable MetricsServer metrics, @Nullable MqttUri broker) {
    this.monitor = PoolMonitor.start(pools);
    this.metrics = metrics;
    this.broker = broker;
    this.remote = broker == null ? null : MqttDiagnostics.builder(pools).uri(broker).start();
  }

  /**
   * Lets them look.
   *
   * @param port for Prometheus; null for none
   * @param broker to be told how the pools are; null for none
   */
  static Watchers open(PoolManager pools, @Nullable Integer port, @Nullable MqttUri broker)
      throws IOException {
    return new Watchers(pools, port == null ? null : serve(pools, port), broker);
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
  }
}
