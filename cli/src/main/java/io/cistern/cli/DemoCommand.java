package io.cistern.cli;

import io.cistern.config.Profile;
import io.cistern.gateway.ServerKind;
import io.cistern.gateway.load.LoadOptions;
import io.cistern.mqtt.MqttUri;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code cistern demo}: a WebSocket gateway on bounded pools, driven by real clients, watched live.
 */
@Command(
    name = "demo",
    description = {
      "Runs a WebSocket gateway on the loopback address, in which every frame takes one block of a bounded pool. Real"
          + " clients drive it beyond what the pool holds and check every echo; any other client can connect to the URL"
          + " that is printed. Ctrl-C ends it in order.",
      ""
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Cistern.Version.class)
final class DemoCommand implements Callable<Integer> {
  private static final int MOST_PORT = 65_535;
  private static final int MOST_CLIENTS = 1_000;
  private static final int MOST_FRAMES = 1_000_000;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--profile",
      paramLabel = "NAME|FILE",
      defaultValue = "prism",
      description = "Pools to run on: a shipped profile or a file (default: ${DEFAULT-VALUE}).")
  private String profile = "";

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      defaultValue = "30s",
      converter = DurationConverter.class,
      description = "How long: 500ms, 30s, 2m, 48h (default: ${DEFAULT-VALUE}).")
  private Duration duration = Duration.ZERO;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "0",
      description = "TCP port; 0 takes any free one (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--server",
      paramLabel = "NAME",
      defaultValue = "jetty",
      converter = ServerConverter.class,
      description = "What reads the sockets: jetty or netty (default: ${DEFAULT-VALUE}).")
  private ServerKind server = ServerKind.JETTY;

  @Option(
      names = "--clients",
      paramLabel = "N",
      defaultValue = "8",
      description =
          "Clients that drive it; 0 leaves it to clients from outside (default: ${DEFAULT-VALUE}).")
  private int clients;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "5000",
      description = "Frames a second that they send together (default: ${DEFAULT-VALUE}).")
  private int rate;

  @Option(
      names = "--prometheus",
      paramLabel = "PORT",
      description =
          "Serves the figures of the pools at /metrics on that port; 0 takes any free one.")
  private @Nullable Integer prometheus;

  @Option(
      names = "--dashboard",
      paramLabel = "PORT",
      defaultValue = "0",
      description =
          "Port of the web page that shows the pools live; 0 takes any free one (default: ${DEFAULT-VALUE}).")
  private int dashboard;

  @Option(names = "--no-dashboard", description = "Starts no dashboard.")
  private boolean noDashboard;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Writes the result as JSON to a file, or to standard output for -.")
  private @Nullable String json;

  @Option(
      names = "--record",
      paramLabel = "FOLDER",
      description =
          "Records what each pool does to a trace file POOL.rep there, for replay and tune.")
  private @Nullable String record;

  @Option(
      names = "--mqtt",
      paramLabel = "URI",
      description =
          "Tells a broker how the pools are: mqtt://user:password@host:port/NODE, options behind a ? (docs/mqtt.md).")
  private @Nullable String mqtt;

  @Override
  public Integer call() throws IOException {
    DemoOptions options = options();
    JsonTarget target = json == null ? null : JsonTarget.of(json);
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    boolean taken = target != null && target.isStdout();
    PrintWriter human = taken ? err : out;
    Terminal terminal = Terminal.of(!taken);
    Notices.to(err::println);
    try (StopSignal stop = new StopSignal()) {
      DemoReport report =
          new DemoRun(options, stop, (url, rss) -> terminal.display(human, options, url, rss))
              .run();
      Summary.print(report, human);
      if (target != null) {
        target.write(report, out);
      }
      stop.finished(report.exitCode());
      return report.exitCode();
    }
  }

  private DemoOptions options() {
    range("--port", port, 0, MOST_PORT);
    range("--dashboard", dashboard, 0, MOST_PORT);
    if (prometheus != null) {
      range("--prometheus", prometheus, 0, MOST_PORT);
    }
    range("--clients", clients, 0, MOST_CLIENTS);
    range("--rate", rate, 1, MOST_FRAMES);
    Profile loaded = Profile.load(profile);
    Profile.Frames frames = loaded.frames();
    if (frames == null) {
      throw new UsageException(
          "profile '%s' does not say which pool frames are taken from, so no gateway can run on it; these do: %s"
              .formatted(loaded.name(), String.join(", ", profilesWithFrames())));
    }
    requireRoom(loaded, frames);
    return new DemoOptions(
        loaded,
        frames,
        duration,
        port,
        server,
        clients,
        rate,
        prometheus,
        record == null ? null : folder(record),
        mqtt == null ? null : broker(mqtt),
        noDashboard ? OptionalInt.empty() : OptionalInt.of(dashboard));
  }

  private static MqttUri broker(String address) {
    try {
      return MqttUri.parse(address);
    } catch (IllegalArgumentException wrong) {
      throw new UsageException("--mqtt: " + wrong.getMessage());
    }
  }

  private static List<String> profilesWithFrames() {
    return Profile.names().stream().filter(name -> Profile.load(name).frames() != null).toList();
  }

  private void requireRoom(Profile loaded, Profile.Frames frames) {
    long largest =
        loaded.pools().stream()
            .filter(pool -> pool.name().equals(frames.pool()))
            .mapToLong(Profile.PoolSpec::maxSize)
            .sum();
    long limit = frames.block().orElse(largest);
    if (clients > 0 && limit < LoadOptions.SMALLEST_FRAME) {
      throw new UsageException(
          "profile '%s' holds frames of up to %d B, the demo's own clients send %d B or more; --clients 0 runs without them"
              .formatted(loaded.name(), limit, LoadOptions.SMALLEST_FRAME));
    }
  }

  private static Path folder(String name) {
    try {
      Path folder = Files.createDirectories(Path.of(name));
      if (!Files.isWritable(folder)) {
        throw new UsageException("--record " + name + ": cannot be written to");
      }
      return folder;
    } catch (InvalidPathException wrong) {
      throw new UsageException("--record " + name + ": is no folder name: " + wrong.getReason());
    } catch (IOException refused) {
      throw new UsageException("--record " + name + ": is no folder, nor can it be made one");
    }
  }

  private static void range(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw new UsageException(
          "%s %d: must be from %d to %d".formatted(option, value, least, most));
    }
  }
}
