package io.cistern.cli;

import io.cistern.PoolManager;
import io.cistern.gateway.AudioStream;
import io.cistern.gateway.Gateway;
import io.cistern.gateway.GatewayOptions;
import io.cistern.gateway.load.Load;
import io.cistern.gateway.load.LoadOptions;
import io.cistern.gateway.load.LoadStats;
import io.cistern.jdk.PoolBeans;
import io.cistern.jdk.jfr.JfrEvents;
import java.io.IOException;
import java.net.BindException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/**
 * One demo from start to end: pools, gateway, clients, a look a second; then in the reverse order,
 * with the books closed in between: clients stop, the gateway stops, every pool is verified, the
 * pools close.
 */
final class DemoRun {
  private static final long SEED = 42;
  private static final long SAMPLE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long GLANCE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final DemoOptions options;
  private final StopSignal stop;
  private final BiFunction<String, Long, Display> displays;

  /**
   * A run.
   *
   * @param stop ends it early
   * @param displays opens the display, given the URL and the resident memory at the start
   */
  DemoRun(DemoOptions options, StopSignal stop, BiFunction<String, Long, Display> displays) {
    this.options = options;
    this.stop = stop;
    this.displays = displays;
  }

  DemoReport run() throws IOException {
    PoolManager pools =
        options.traces() == null
            ? options.profile().open()
            : options.profile().openRecorded(options.traces());
    try {
      DemoReport report = serveInSight(pools);
      if (report.liveBlocks() == 0) {
        pools.close();
      }
      return report;
    } finally {
      pools.closeNow();
    }
  }

  /** Serves while the pools can be seen through JMX. */
  private DemoReport serveInSight(PoolManager pools) throws IOException {
    PoolBeans beans = PoolBeans.register(pools);
    try {
      return serveRecordably(pools);
    } finally {
      beans.close();
    }
  }

  /** Serves while flight recordings have the pools' events, where the JVM has a recorder. */
  private DemoReport serveRecordably(PoolManager pools) throws IOException {
    if (!JfrEvents.isAvailable()) {
      return serve(pools);
    }
    JfrEvents events = JfrEvents.register(pools);
    try {
      return serve(pools);
    } finally {
      events.close();
    }
  }

  private DemoReport serve(PoolManager pools) throws IOException {
    try (Watchers watchers = Watchers.open(pools, options)) {
      return serve(pools, watchers);
    }
  }

  private DemoReport serve(PoolManager pools, Watchers watchers) throws IOException {
    Gateway gateway = open(pools);
    String url = gateway.uri().toString();
    long rssStart = ProcessFigures.now().rssBytes();
    try (Display display = displays.apply(url, rssStart)) {
      Notices.to(display::notice);
      watchers.addresses().forEach(display::notice);
      Sampler sampler = new Sampler(pools, gateway);
      LoadStats load = driveBesideAudio(pools, gateway, sampler, display);
      double seconds = sampler.seconds();
      gateway.close();
      Sample end = sampler.sample();
      display.show(end);
      return DemoReport.of(
          options,
          url,
          seconds,
          end,
          load,
          DemoReport.Verdict.of(rssStart, pools.verify(), pools.pressure()));
    } finally {
      gateway.close();
    }
  }

  /** With a stream of samples beside the frames, where the profile has a pool for it. */
  private LoadStats driveBesideAudio(
      PoolManager pools, Gateway gateway, Sampler sampler, Display display) {
    AudioStream audio = AudioStream.in(pools);
    try {
      return drive(gateway, sampler, display);
    } finally {
      if (audio != null) {
        audio.close();
      }
    }
  }

  private LoadStats drive(Gateway gateway, Sampler sampler, Display display) {
    Load load = Load.start(loadOptions(gateway));
    try {
      sampler.restart();
      watch(sampler, display);
    } finally {
      sampler.stop();
      load.close();
    }
    return load.stats();
  }

  private Gateway open(PoolManager pools) throws IOException {
    try {
      GatewayOptions listening = GatewayOptions.onPort(options.port()).withServer(options.server());
      return Gateway.open(pools, options.frames(), listening);
    } catch (BindException taken) {
      throw UsageException.portTaken("--port", options.port(), taken);
    }
  }

  private LoadOptions loadOptions(Gateway gateway) {
    return new LoadOptions(
        gateway.uri(),
        options.clients(),
        options.rate(),
        gateway.blocksForLargestFrame(),
        Math.max(LoadOptions.SMALLEST_FRAME, gateway.frameLimitBytes()),
        options.frames().oversize(),
        SEED);
  }

  private void watch(Sampler sampler, Display display) {
    long start = System.nanoTime();
    long end = start + options.duration().toNanos();
    long nextSample = start + SAMPLE_NANOS;
    while (true) {
      long now = System.nanoTime();
      if (now - nextSample >= 0) {
        display.show(sampler.sample());
        nextSample += SAMPLE_NANOS;
      }
      sampler.glance();
      long left = Math.min(end, nextSample) - now;
      if (end - now <= 0 || stop.isWantedWithin(Math.clamp(left, 0, GLANCE_NANOS))) {
        return;
      }
    }
  }
}
